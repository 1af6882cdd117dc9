import { describe, expect, it } from 'vitest';
import { awsScheduleProblems, rotationRules } from '../../../constructs/aws/schedule-expression';
import { type CronFields, RotationSchedule, type ScheduleOptions } from '../../../constructs/core/rotation-schedule';
import { SecretType } from '../../../constructs/core/secret-type';

const problems = (schedule: RotationSchedule, type: SecretType = SecretType.ENCRYPTION_KEY) =>
  awsScheduleProblems('rotation.schedule', schedule, type).filter((problem) => problem !== undefined);
const cron = (fields: CronFields, options?: ScheduleOptions) => rotationRules(RotationSchedule.cron(fields, options));

describe('a schedule on AWS', () => {
  it('of whole days is a number of days', () => {
    expect(rotationRules(RotationSchedule.everyDays(30))).toEqual({ automaticallyAfterDays: 30 });
  });

  it('keeps its window beside either form', () => {
    expect(rotationRules(RotationSchedule.everyDays(30, { windowHours: 3 }))).toEqual({
      automaticallyAfterDays: 30,
      duration: '3h',
    });
    expect(cron({ hour: 2, dayOfMonth: 1 }, { windowHours: 12 })).toEqual({
      scheduleExpression: 'cron(0 2 1 * ? *)',
      duration: '12h',
    });
  });

  it.each([
    [RotationSchedule.rate(4, 'hours'), 'rate(4 hours)'],
    [RotationSchedule.rate(1, 'days'), 'rate(1 day)'],
    [RotationSchedule.rate(10, 'days'), 'rate(10 days)'],
  ])('at a rate is an expression: %#', (schedule, scheduleExpression) => {
    expect(rotationRules(schedule)).toEqual({ scheduleExpression });
  });

  it.each<[CronFields, string]>([
    [{ hour: 3, dayOfWeek: 'SUN' }, 'cron(0 3 ? * SUN *)'],
    [{ hour: 3, dayOfWeek: 'MON#1' }, 'cron(0 3 ? * MON#1 *)'],
    [{ hour: 3, dayOfWeek: 'SUN#L' }, 'cron(0 3 ? * SUNL *)'],
    [{ hour: 3, dayOfWeek: 'MON-FRI' }, 'cron(0 3 ? * MON-FRI *)'],
    [{ hour: 17, dayOfMonth: 'L' }, 'cron(0 17 L * ? *)'],
    [{ hour: '*/8', dayOfMonth: '*' }, 'cron(0 0/8 * * ? *)'],
    [{ hour: '4/12', dayOfMonth: '*' }, 'cron(0 4/12 * * ? *)'],
    [{ hour: 1, dayOfMonth: '1,15', month: '*/3' }, 'cron(0 1 1,15 1/3 ? *)'],
    [{ hour: 1, dayOfMonth: 1, month: 'JAN,JUL' }, 'cron(0 1 1 JAN,JUL ? *)'],
  ])('at fixed times is AWS’s own notation: %j', (fields, scheduleExpression) => {
    expect(problems(RotationSchedule.cron(fields))).toEqual([]);
    expect(cron(fields)).toEqual({ scheduleExpression });
  });

  it.each<[CronFields, string]>([
    [{ hour: 3, dayOfMonth: '15W' }, 'rotation.schedule.dayOfMonth'],
    [{ hour: 3, dayOfWeek: 'MON#1,FRI#3' }, 'rotation.schedule.dayOfWeek'],
  ])('with a form that AWS does not know is refused: %j', (fields, property) => {
    expect(problems(RotationSchedule.cron(fields))).toMatchObject([{ code: 'SR-SCHEDULE-FIELDS', property }]);
  });

  it.each([
    [RotationSchedule.rate(3, 'hours'), 'SR-SCHEDULE-TOO-OFTEN'],
    [RotationSchedule.everyDays(1001), 'SR-SCHEDULE-TOO-RARE'],
    [RotationSchedule.rate(1000, 'days'), 'SR-SCHEDULE-TOO-RARE'],
    [RotationSchedule.cron({ hour: 3, minute: 30, dayOfMonth: 1 }), 'SR-SCHEDULE-MINUTE'],
    [RotationSchedule.cron({ hour: 22, dayOfMonth: 1 }, { windowHours: 3 }), 'SR-SCHEDULE-WINDOW'],
    [RotationSchedule.rate(4, 'hours', { windowHours: 5 }), 'SR-SCHEDULE-WINDOW'],
    [RotationSchedule.cron({ hour: 3 }), 'SR-SCHEDULE-DAYS'],
  ])('outside the vendor’s limits is refused: %#', (schedule, code) => {
    expect(problems(schedule).map((problem) => problem.code)).toContain(code);
  });

  it('must not leave a value longer than its type allows', () => {
    expect(problems(RotationSchedule.everyDays(30), SecretType.DATABASE_CREDENTIAL)).toEqual([]);
    expect(problems(RotationSchedule.everyDays(31), SecretType.DATABASE_CREDENTIAL)).toEqual([
      {
        code: 'SR-SCHEDULE-TOO-RARE',
        property: 'rotation.schedule',
        message: 'leaves 31 days between two values, allowed for a database-credential are 30',
        fix: 'rotate at least every 30 days, or choose the type that fits',
      },
    ]);
    const monthly = RotationSchedule.cron({ hour: 3, dayOfMonth: 1 });
    expect(problems(monthly, SecretType.DATABASE_CREDENTIAL)).toMatchObject([{ code: 'SR-SCHEDULE-TOO-RARE' }]);
  });
});
