import { afterAll, beforeAll, describe } from 'vitest';
import { canRun } from '../support/required';
import { MYSQL, type Site } from './sites';
import { lostUserFaults } from './suites/lost-user-faults';
import { networkFaults } from './suites/network-faults';

describe.skipIf(MYSQL.part !== undefined && !canRun(MYSQL.part, MYSQL.missing()))(MYSQL.engine, () => {
  let site: Site;
  beforeAll(async () => {
    site = await MYSQL.start();
  });
  afterAll(() => site.stop());
  networkFaults(MYSQL, () => site);
  lostUserFaults(MYSQL, () => site);
});
