import { stopEverything } from '../offline/process';
import { removeFolders } from '../offline/run-folders';

/**
 * Leaves no process and no folder behind when a person interrupts.
 *
 * @returns ends the watch, and removes the folders of what failed half-way
 */
export function onInterrupt(): () => void {
  const end = (signal: NodeJS.Signals) => {
    stopEverything();
    removeFolders();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  return () => {
    removeFolders();
    process.off('SIGINT', end).off('SIGTERM', end);
  };
}
