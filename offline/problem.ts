/** Why nothing can be planned: an engine, a plugin or a folder is not as it must be. One line; exit code 2. */
export class PlanImpossible extends Error {
  override readonly name = 'PlanImpossible';
}
