export { Crash, CrashPlan, type End } from '../../drill/crash-plan';
