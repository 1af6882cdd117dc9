export * from './azure-stack';
export * from './environment';
