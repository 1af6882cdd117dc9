import type { Problem } from '../core/errors';

/** Memory that Fargate gives beside each CPU size, in MiB. @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html */
const MEMORY: Readonly<Record<number, { readonly min: number; readonly max: number; readonly step: number }>> = {
  256: { min: 512, max: 2048, step: 512 },
  512: { min: 1024, max: 4096, step: 1024 },
  1024: { min: 2048, max: 8192, step: 1024 },
  2048: { min: 4096, max: 16_384, step: 1024 },
  4096: { min: 8192, max: 30_720, step: 1024 },
  8192: { min: 16_384, max: 61_440, step: 4096 },
  16384: { min: 32_768, max: 122_880, step: 8192 },
};

/** The one combination that the steps above do not describe. */
const SMALLEST_HAS_NO = 1536;

/** What is wrong with a Fargate task's CPU units and its memory in MiB. */
export function fargateSizeProblem(cpu: number, memory: number): Problem | undefined {
  const allowed = MEMORY[cpu];
  if (allowed === undefined) {
    return {
      code: 'SR-ECS-SIZE',
      property: 'cpu',
      message: `is ${cpu}, allowed are ${Object.keys(MEMORY).join(', ')} CPU units`,
      fix: 'leave it out for 256',
    };
  }
  const { min, max, step } = allowed;
  const fits = memory >= min && memory <= max && (memory - min) % step === 0;
  if (fits && !(cpu === 256 && memory === SMALLEST_HAS_NO)) return undefined;
  return {
    code: 'SR-ECS-SIZE',
    property: 'memory',
    message: `is ${memory}, allowed beside ${cpu} CPU units are ${min} to ${max} MiB in steps of ${step}`,
    fix: `use ${min}, or another CPU size`,
  };
}
