import { stopEverything } from '../offline/process';

/**
 * Leaves no process and no folder behind when a person interrupts.
 *
 * @param removeFolders - removes what the interrupted work would have removed at its end
 * @returns ends the watch
 */
export function onInterrupt(removeFolders: () => void): () => void {
  const end = (signal: NodeJS.Signals) => {
    stopEverything();
    removeFolders();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  return () => process.off('SIGINT', end).off('SIGTERM', end);
}
