/** How many stacks and rotated secrets the bench makes. */
export const SIZE = { stacks: 20, secretsPerStack: 50 } as const;
