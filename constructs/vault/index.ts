export * from './environment';
export * from './vault-stack';
