import { describe, expect, it } from 'vitest';
import { succeed } from '../every-point';
import { resume, STEPS } from '../faults';
import type { Loss, Site, SiteKind, Way } from '../sites';
import { complete } from '../struck-line';
import type { Subject } from '../subject';

const LOSSES: readonly Loss[] = [
  'clone dropped',
  'clone without its rights',
  'clone with another password',
  'base dropped',
];

const MOMENTS = ['the rotation', ...STEPS] as const;

/** N14, with a server that has users in turn. */
export function lostUserFaults(kind: SiteKind, site: () => Site): void {
  const cases = LOSSES.flatMap((loss) =>
    MOMENTS.flatMap((moment) => (['base', 'clone'] as const).map((user) => [loss, moment, user] as const)),
  );
  describe.each(kind.ways.filter(({ alternating }) => alternating))(
    'N14 a user of the two is lost, $rotator',
    (way) => {
      it.concurrent.each(cases)('survives: %s before %s, while clients use the %s', async (loss, moment, user) => {
        const subject = await site().subject(way);
        await succeed(subject);
        if (user === 'base') await succeed(subject);
        const before = await subject.value();
        const errors: string[] = [];
        const { handle } = subject;
        let working: unknown;
        const lose = async () => {
          await site().lose(subject, loss);
          working = await opening();
        };
        const opening = async () => {
          const values = await Promise.all(
            Object.keys(await subject.labels()).map((id) => subject.value(id).catch(() => undefined)),
          );
          const found = values.filter((v) => v !== undefined);
          const open = await Promise.all(found.map((v) => site().opens(v)));
          return found
            .filter((_, i) => open[i])
            .map((v) => `${v.username} ${v === undefined ? '' : v.password === before.password ? 'before' : ''}`);
        };
        subject.handle = async (event, context) => {
          if (working === undefined && (event as { Step: string }).Step === moment) await lose();
          try {
            await handle(event, context);
          } catch (error) {
            errors.push((error as Error).name);
            throw error;
          }
        };
        if (moment === 'the rotation') await lose();
        const record = await subject.rotate();
        console.log(
          loss,
          '|',
          moment,
          '|',
          user,
          '|',
          record.name,
          String(record.error ?? ''),
          errors,
          working,
          await opening(),
        );
      });
    },
  );
}
