import type { Problem } from '../core/errors';
import { CAPABILITIES, type Capability, type PolicyTarget } from './policy-target';

/** Reasons stand as comments in the policy: one line, nothing that Terraform would read as a template. */
const REASON = /^[^\n\r]*[^\s][^\n\r]*$/;
const TEMPLATE = /[$%]\{/;

/** One rule of a policy. */
export interface PolicyRule {
  /** What the rule is about, such as `secret.data` or `role.credentials`. */
  readonly on: PolicyTarget;
  /** What it allows there; `'nothing'` denies, also what other policies of the token allow on the same path. */
  readonly can: readonly Capability[] | 'nothing';
  /** Why, one line; it stands above the rule in the policy. */
  readonly because: string;
}

/** A policy's rules as HCL: sorted, the same rules give the same text. */
export function policyText(rules: readonly PolicyRule[]): string {
  return byPath(rules)
    .map(({ path, capabilities, reasons }) => {
      const list = capabilities.map((one) => `"${one}"`).join(', ');
      return [...reasons.map((reason) => `# ${reason}`), `path "${path}" {`, `  capabilities = [${list}]`, '}', ''];
    })
    .map((lines) => lines.join('\n'))
    .join('\n');
}

/** Everything that is wrong with a policy's rules, each alone and all together. */
export function ruleProblems(rules: readonly PolicyRule[]): readonly (Problem | undefined)[] {
  const alone = rules.flatMap(({ on, can, because }, index) => [
    ...[...on.problems, ...(can === 'nothing' ? [] : on.capabilityProblems(can))].map((problem) => at(index, problem)),
    at(index, reasonProblem(because)),
  ]);
  return [...alone, ...contradictions(rules), ...shadows(byPath(rules))];
}

/** All rules of one path. */
interface PathRules {
  readonly path: string;
  readonly capabilities: readonly (Capability | 'deny')[];
  readonly reasons: readonly string[];
}

function byPath(rules: readonly PolicyRule[]): readonly PathRules[] {
  const paths = [...new Set(rules.map(({ on }) => on.path))].sort();
  return paths.map((path) => {
    const same = rules.filter(({ on }) => on.path === path);
    const granted = CAPABILITIES.filter((one) => same.some(({ can }) => can !== 'nothing' && can.includes(one)));
    const denied = same.some(({ can }) => can === 'nothing');
    const reasons = [...new Set(same.map(({ because }) => because))];
    return { path, capabilities: denied ? ['deny'] : granted, reasons };
  });
}

function contradictions(rules: readonly PolicyRule[]): readonly Problem[] {
  const denied = new Set(rules.filter(({ can }) => can === 'nothing').map(({ on }) => on.path));
  const both = new Set(
    rules.filter(({ on, can }) => can !== 'nothing' && denied.has(on.path)).map(({ on }) => on.path),
  );
  return [...both].map((path) => ({
    code: 'SR-VAULT-POLICY-CONFLICT',
    property: 'rules',
    message: `allow and deny ${path}, where deny wins and the rest does nothing`,
    fix: 'take one of the two away',
  }));
}

/** Vault counts the most specific path alone, so a narrower rule takes away what a wider one gives. */
function shadows(paths: readonly PathRules[]): readonly Problem[] {
  const wide = paths.filter(({ path }) => path.endsWith('/*'));
  return wide.flatMap((outer) =>
    paths
      .filter((inner) => inner !== outer && inner.path.startsWith(outer.path.slice(0, -1)))
      .filter(({ capabilities }) => !capabilities.includes('deny'))
      .flatMap((inner) => {
        const lost = outer.capabilities.filter((one) => !inner.capabilities.includes(one));
        if (lost.length === 0) return [];
        return [
          {
            code: 'SR-VAULT-POLICY-SHADOW',
            property: 'rules',
            message: `give ${lost.join(', ')} on ${outer.path}, but not on ${inner.path}, and Vault counts the most specific path alone`,
            fix: lost[0] === 'deny' ? 'narrow the deny, or take the inner rule away' : 'repeat them on the inner path',
          },
        ];
      }),
  );
}

function reasonProblem(because: string): Problem | undefined {
  if (REASON.test(because) && !TEMPLATE.test(because)) return undefined;
  return {
    code: 'SR-VAULT-POLICY-REASON',
    property: 'because',
    message: 'is empty, has more than one line, or a template of Terraform in it',
    fix: 'say in one line who needs this and what for',
  };
}

function at(index: number, problem: Problem | undefined): Problem | undefined {
  return problem === undefined ? undefined : { ...problem, property: `rules[${index}].${problem.property}` };
}
