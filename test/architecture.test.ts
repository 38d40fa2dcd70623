import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { test } from 'node:test';

const REPOSITORY = resolve(import.meta.dirname, '..');

/** The plan: rooms, by their path below src/, with what each may import. */
type Plan = ReadonlyMap<string, readonly string[]>;

/** Reads the table of docs/architecture.md. */
function readPlan(markdown: string): Plan {
  const rows = markdown.matchAll(/^\| `([a-z/.]+)`\s+\| [^|]+\| ([^|]*)\|$/gm);
  return new Map([...rows].map(([, room, names]) => [room!.replace(/\/$/, ''), listOf(names!)]));
}

function listOf(names: string): string[] {
  return names.split(',').flatMap((name) => name.trim() || []);
}

/** The innermost room of the plan that a file is in; a file directly in src/ is a room of its own. */
function roomOf(plan: Plan, file: string): string | undefined {
  for (let path = file; path !== '.'; path = dirname(path)) if (plan.has(path)) return path;
  return undefined;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Whether the plan lets one file import another; both are paths below src/. */
function isAllowed(plan: Plan, from: string, to: string): boolean {
  const room = roomOf(plan, from);
  if (room === undefined || roomOf(plan, to) === undefined) return false;
  if (isWithin(to, room)) return true;
  const [outer] = room.split('/') as [string];
  if (isWithin(to, outer)) return plan.get(room)!.some((name) => isWithin(to, `${outer}/${name}`));
  return plan.get(outer)!.some((name) => isWithin(to, name));
}

/** The plan with `everything` and `everything but a, b` written out. */
function writtenOut(plan: Plan): Plan {
  const outer = [...plan.keys()].filter((room) => !room.includes('/'));
  return new Map(
    [...plan].map(([room, names]) => {
      const [first = '', ...others] = names;
      if (!first.startsWith('everything')) return [room, names];
      const excepted = [first.replace(/^everything( but )?/, ''), ...others];
      return [room, outer.filter((each) => !excepted.includes(each))];
    }),
  );
}

/** Every import of a file that the plan does not allow. */
function forbiddenImports(plan: Plan, file: string, text: string): string[] {
  const specifiers = text.matchAll(/(?:\bfrom|\bimport|\bimport\() ?'([^']+)'/g);
  return [...specifiers].flatMap(([, specifier]) => {
    if (specifier!.startsWith('@bsull/augurs')) return isWithin(file, 'forecast/fit') ? [] : `${file} → ${specifier}`;
    if (!specifier!.startsWith('.')) return [];
    const target = normalize(join(dirname(file), specifier!)).replace(/\.js$/, '.ts');
    return isAllowed(plan, file, target) ? [] : `${file} → ${target}`;
  });
}

const PLAN = writtenOut(readPlan(readFileSync(join(REPOSITORY, 'docs/architecture.md'), 'utf8')));
const FILES = readdirSync(join(REPOSITORY, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);
const textOf = (file: string) => readFileSync(join(REPOSITORY, 'src', file), 'utf8');

test('every import is one that the table in docs/architecture.md allows', () => {
  assert.ok(FILES.length > 200, `${FILES.length} files`);
  assert.deepEqual(
    FILES.flatMap((file) => forbiddenImports(PLAN, file, textOf(file))),
    [],
  );
});

test('a forbidden import is found, at any depth', () => {
  const forbidden: [file: string, specifier: string][] = [
    ['model/labels/labels.ts', '../../series/series-store.js'],
    ['series/rings/ring-slab.ts', '../labels/label-index.js'],
    ['forecast/math/normal.ts', '../fit/fit.js'],
    ['engine/series/clamp.ts', '../../http/server.js'],
    ['engine/backfill/backfill.ts', '../publish/publisher.js'],
    ['engine/backfill/backfill.ts', '../engine.js'],
    ['ui/lib/dom.ts', '../../http/server.js'],
    ['ui/app.ts', '../model/labels/labels.js'],
    ['http/server.ts', '../remote/http/http-client.js'],
    ['cli/serve.ts', '../demo/demo.js'],
    ['lib/errors.ts', '../model/labels/labels.js'],
    ['engine/engine.ts', '@bsull/augurs'],
    ['engine/engine.ts', '../nowhere/nothing.js'],
  ];
  for (const [file, specifier] of forbidden) {
    for (const statement of [
      `import { x } from '${specifier}';`,
      `export * from '${specifier}';`,
      `import '${specifier}';`,
      `const x = await import('${specifier}');`,
    ]) {
      assert.equal(forbiddenImports(PLAN, file, statement).length, 1, `${file}: ${statement}`);
    }
  }
});

test('the table names rooms that are there, and every room', () => {
  const folders = new Set(FILES.map((file) => dirname(file)));
  for (const room of PLAN.keys()) {
    assert.ok(
      FILES.some((file) => isWithin(file, room)),
      `no file in ${room}`,
    );
  }
  for (const folder of folders) assert.ok(folder === '.' || PLAN.has(folder), `${folder} is not in the table`);
});

test('no room is imported in a circle', () => {
  const rooms = [...PLAN.keys()].filter((room) => room.includes('/'));
  const arrows = new Map(
    rooms.map((room) => {
      const [outer] = room.split('/');
      return [
        room,
        PLAN.get(room)!
          .map((name) => `${outer}/${name}`)
          .filter((name) => PLAN.has(name)),
      ];
    }),
  );
  const reaches = (room: string, goal: string, seen = new Set<string>()): boolean =>
    arrows.get(room)!.some((next) => {
      if (next === goal) return true;
      if (seen.has(next)) return false;
      return reaches(next, goal, seen.add(next));
    });
  for (const room of rooms) assert.ok(!reaches(room, room), `${room} imports itself through others`);
});
