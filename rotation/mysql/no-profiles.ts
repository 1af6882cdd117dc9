/** Stands in the bundle for the certificates that the driver brings: they are beside the code already, once. */
export const ca: readonly string[] = [];
