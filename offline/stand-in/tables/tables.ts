import { AWS } from './aws';
import { AZURERM } from './azurerm';
import type { Table } from './row';
import { VAULT } from './vault';

/**
 * What bindings don't know, for every type that Strongroom emits. A test compares each row with the schemas of real
 * providers, and the list of types with what is emitted.
 */
export const TABLES: Table = { ...AWS, ...AZURERM, ...VAULT };
