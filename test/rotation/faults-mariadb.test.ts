import { afterAll, beforeAll, describe } from 'vitest';
import { canRun } from '../support/required';
import { MARIADB, type Site } from './sites';
import { lostUserFaults } from './suites/lost-user-faults';
import { networkFaults } from './suites/network-faults';

describe.skipIf(MARIADB.part !== undefined && !canRun(MARIADB.part, MARIADB.missing()))(MARIADB.engine, () => {
  let site: Site;
  beforeAll(async () => {
    site = await MARIADB.start();
  });
  afterAll(() => site.stop());
  networkFaults(MARIADB, () => site);
  lostUserFaults(MARIADB, () => site);
});
