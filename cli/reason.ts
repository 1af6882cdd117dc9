import { PlanImpossible } from '../offline/problem';

/**
 * Why a command could not do its work, in one line: nothing can be planned, or the machine refused something, as with a
 * full disk or a folder that can't be written.
 *
 * @throws the error itself when it is neither: then the command is wrong
 */
export function reasonOf(error: unknown): string {
  if (error instanceof PlanImpossible) return error.message;
  if (error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string') return error.message;
  throw error;
}
