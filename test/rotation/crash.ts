export { Crash, CrashPlan } from '../../drill/crash-plan';
