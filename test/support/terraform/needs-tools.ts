import { it } from 'vitest';
import { canRun } from '../required';
import { findTools, type Tools } from './tools';

const found = findTools();

/** Declares tests that need Terraform, a plugin and moto, or one skipped test that stands for them. */
export function needsTools(declare: (tools: Tools) => void): void {
  if (typeof found === 'string') {
    canRun('apply', found);
    it.skip('needs terraform, a hashicorp/aws plugin and moto');
  } else {
    declare(found);
  }
}
