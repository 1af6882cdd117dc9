import { describe, expect, it } from 'vitest';
import { fargateSizeProblem } from '../../../constructs/aws/fargate-size';

describe('a Fargate size', () => {
  it.each([
    [256, 512],
    [256, 1024],
    [256, 2048],
    [512, 3072],
    [1024, 8192],
    [4096, 30_720],
    [8192, 20_480],
    [16_384, 122_880],
  ])('that Fargate has is accepted: %i CPU units, %i MiB', (cpu, memory) => {
    expect(fargateSizeProblem(cpu, memory)).toBeUndefined();
  });

  it.each([
    [256, 1536, 'memory'],
    [256, 4096, 'memory'],
    [512, 512, 'memory'],
    [1024, 2560, 'memory'],
    [8192, 18_432, 'memory'],
    [3000, 4096, 'cpu'],
  ])('that it has not is refused: %i CPU units, %i MiB', (cpu, memory, property) => {
    expect(fargateSizeProblem(cpu, memory)).toMatchObject({ code: 'SR-ECS-SIZE', property });
  });
});
