import { readConfiguration, type Variables } from './configuration';
import { Deadline } from './deadline';
import { forSecret } from './declared-user';
import { runStep } from './engine';
import { RotationError, SecretNotAllowed, UnexpectedFailure } from './errors';
import { type InvocationContext, parseEvent, type RotationEvent } from './event';
import { Journal, logLine, type WriteLine } from './log';
import { loadDriverOf, type Reach, rotatorFor } from './rotators';
import { type SecretStore, secretsManager } from './secrets-manager';

/** What the handler reaches the world with. */
export interface World {
  readonly variables: Variables;
  readonly store: SecretStore;
  /** @default the real database drivers */
  readonly reach?: Partial<Reach>;
  readonly write: WriteLine;
}

export type Handler = (event: unknown, context?: InvocationContext) => Promise<void>;

/** A handler that keeps nothing from one invocation to the next. */
export function handlerIn({ variables, store, reach, write }: World): Handler {
  return async (input, context = {}) => {
    const begun = performance.now();
    const journal = new Journal();
    let event: RotationEvent | undefined;
    let name = 'unknown';
    try {
      const configuration = readConfiguration(variables);
      name = configuration.rotator;
      const asked = parseEvent(input);
      if (!configuration.secrets.includes(asked.secretArn)) {
        throw new SecretNotAllowed(
          'the secret is not one of STRONGROOM_SECRETS; only those may be rotated by this function',
        );
      }
      event = asked;
      const rotator = rotatorFor(forSecret(configuration, asked.secretArn), reach);
      const deadline = Deadline.ofStep(context);
      const { superuserSecret, graceSeconds = 0, steps } = configuration;
      await runStep({ event, store, rotator, deadline, journal, superuserSecret, graceSeconds, steps });
      write(logLine(event, name, journal, performance.now() - begun));
    } catch (error) {
      const failure = error instanceof RotationError ? error : unexpected(error);
      write(
        event
          ? logLine(event, name, journal, performance.now() - begun, failure)
          : JSON.stringify({
              level: 'error',
              rotator: name,
              outcome: 'failed',
              error: failure.name,
              message: failure.message,
            }),
      );
      throw failure;
    }
  };
}

/** What nobody thought of may hold anything in its message, so only its kind and its place in the code are passed on. */
function unexpected(error: unknown): RotationError {
  if (!(error instanceof Error)) return new UnexpectedFailure('something that is no error was thrown');
  const place = /\(?([\w.-]+\.[jt]s:\d+:\d+)\)?$/m.exec(error.stack ?? '')?.[1] ?? 'an unknown place';
  return new UnexpectedFailure(`${error.name} at ${place}; this is a defect of the rotation function`);
}

// Lambda gives a function its whole processor while it loads, and a share of it afterwards. What fails here fails again, and is
// told, where the driver is used.
loadDriverOf(process.env.STRONGROOM_ROTATOR).catch(() => {});

let live: Handler | undefined;

/** The entry point of the function. The client is made at the first invocation, never while the container is frozen. */
export const handler: Handler = (event, context) => {
  live ??= handlerIn({
    variables: process.env,
    store: secretsManager(),
    write: (line) => process.stdout.write(`${line}\n`),
  });
  return live(event, context);
};
