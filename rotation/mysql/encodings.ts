/**
 * Stands in the bundle for the tables of encodings that the driver brings: all connections of ours speak UTF-8, and what
 * else a server may send is in an encoding that Node.js knows itself.
 */
interface Part {
  write(data: Buffer): string;
  end(): string | undefined;
}

export function getDecoder(encoding: string): Part {
  const decoder = new TextDecoder(encoding === 'cesu8' ? 'utf-8' : encoding);
  return { write: (data) => decoder.decode(data, { stream: true }), end: () => decoder.decode() };
}

export function getEncoder(): { write(text: string): Buffer; end(): undefined } {
  return { write: (text) => Buffer.from(text, 'utf8'), end: () => undefined };
}
