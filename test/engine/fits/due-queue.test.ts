import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DueQueue } from '#src/engine/fits/due-queue.js';

type Command = { do: 'set'; id: number; dueMs: number } | { do: 'delete'; id: number } | { do: 'shift'; nowMs: number };

const id = fc.nat({ max: 12 });
const time = fc.integer({ min: 0, max: 50 });
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ do: fc.constant('set' as const), id, dueMs: time }),
  fc.record({ do: fc.constant('delete' as const), id }),
  fc.record({ do: fc.constant('shift' as const), nowMs: time }),
);

test('DueQueue gives what is due, earliest first, whatever was set, moved and deleted before', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
      const queue = new DueQueue();
      const model = new Map<number, number>();
      for (const step of commands) {
        if (step.do === 'set') {
          queue.set(step.id, step.dueMs);
          model.set(step.id, step.dueMs);
        } else if (step.do === 'delete') {
          queue.delete(step.id);
          model.delete(step.id);
        } else {
          const earliestMs = Math.min(...model.values());
          const shifted = queue.shiftDue(step.nowMs);
          assert.equal(
            shifted === undefined ? undefined : model.get(shifted),
            earliestMs <= step.nowMs ? earliestMs : undefined,
          );
          if (shifted !== undefined) model.delete(shifted);
        }
        assert.equal(queue.size, model.size);
        assert.equal(queue.nextDueMs, Math.min(Number.POSITIVE_INFINITY, ...model.values()));
      }
    }),
    { numRuns: 500 },
  );
});
