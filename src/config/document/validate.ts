import { Ajv, type AnySchemaObject, type ErrorObject, type FuncKeywordDefinition } from 'ajv';
import type { TSchema } from 'typebox';
import { UsageError } from '../../lib/errors.js';
import { nearest } from '../../lib/nearest.js';
import { SelectorError } from '../../model/labels/selector.js';
import type { Path, Problem } from './problems.js';
import { PROPHET_KEYS } from './prophet-keys.js';
import type { Source } from './source.js';

/** `parse: function`: valid where the function returns; what it throws is the message. */
const parseKeyword: FuncKeywordDefinition = {
  keyword: 'parse',
  errors: true,
  validate: function check(
    parse: (value: unknown) => unknown,
    value: unknown,
    parentSchema?: AnySchemaObject,
  ): boolean {
    try {
      parse(value);
      return true;
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof SelectorError)) throw error;
      (check as { errors?: Partial<ErrorObject>[] }).errors = [
        // Ajv adds the rest, but not this, which says whether the value is a secret.
        { keyword: 'parse', message: (error as Error).message, ...(parentSchema !== undefined && { parentSchema }) },
      ];
      return false;
    }
  },
};

// `secret` only marks values for the messages below.
const ajv = new Ajv({ allErrors: true, verbose: true }).addKeyword(parseKeyword).addKeyword('secret');

/** Where a file has not the shape of its schema. */
interface Fault {
  readonly path: Path;
  readonly problem: Problem;
  /** Nothing else depends on it: what is around it can be checked further. */
  readonly isUnknownKey: boolean;
}

/** A function that gives everything in which a file has not the shape of `schema`; `examples`: lists and maps by their keys. */
export function shapeChecker(schema: TSchema, examples: ReadonlyMap<string, string>): (source: Source) => Fault[] {
  const validate = ajv.compile(schema);
  return (source) => {
    if (validate(source.value)) return [];
    return (validate.errors ?? []).map((error) => {
      const path = [...pointerToPath(error.instancePath, source.value), ...offendingKey(error)];
      return {
        path,
        problem: source.problem(path, describe(error) + exampleFor(error, path, examples)),
        isUnknownKey: error.keyword === 'additionalProperties',
      };
    });
  };
}

/** JSON pointer (RFC 6901) to path. */
function pointerToPath(pointer: string, root: unknown): (string | number)[] {
  let value = root;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const step = Array.isArray(value) ? Number(key) : key;
      value = (value as Record<string | number, unknown>)[step];
      return step;
    });
}

/** Some errors are those of a map or list, though it is one key or item that is wrong. */
function offendingKey({ keyword, params }: ErrorObject): Path {
  if (keyword === 'additionalProperties') return [params.additionalProperty];
  return keyword === 'uniqueItems' ? [params.i] : [];
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text in quotes',
  object: 'a map of keys',
  array: 'a list',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

/** Former names of keys, and the present ones. */
const RENAMED_KEYS: ReadonlyMap<string, string> = new Map([
  ['band', 'interval'],
  ['handover', 'ownership_grace_period'],
]);

function describe(error: ErrorObject): string {
  const { keyword, params, message = '', parentSchema = {} } = error;
  const got = parentSchema.secret ? '' : `, got ${show(error.data)}`;
  switch (keyword) {
    case 'additionalProperties': {
      const known = Object.keys(parentSchema.properties);
      const renamed = RENAMED_KEYS.get(params.additionalProperty);
      if (renamed !== undefined && known.includes(renamed)) return `renamed to ${renamed}`;
      const advice = PROPHET_KEYS.get(params.additionalProperty);
      if (advice !== undefined) return advice;
      const meant = nearest(params.additionalProperty, known);
      return `unknown key, ${meant === undefined ? `known keys are ${known.join(', ')}` : `did you mean ${meant}?`}`;
    }
    case 'required':
      return `${params.missingProperty} is missing`;
    case 'type':
      return `must be ${TYPES[params.type] ?? params.type}${got}`;
    case 'enum':
      return `must be one of ${params.allowedValues.join(', ')}${got}`;
    case 'minItems':
    case 'minLength':
      return 'must not be empty';
    case 'uniqueItems':
      return `duplicate entry ${show((error.data as unknown[])[params.i])}`;
    case 'parse':
      // A map that has the right form has something wrong in it, which the message names.
      return isMap(error.data) && !message.startsWith('must be ') ? message : `${message}${got}`;
    default:
      return `${message}${got}`;
  }
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How a list or a map is written, where there is something else in its place. */
function exampleFor({ keyword, params }: ErrorObject, path: Path, examples: ReadonlyMap<string, string>): string {
  if (keyword !== 'type' || (params.type !== 'array' && params.type !== 'object')) return '';
  // Of an item of a list, the whole list; of a file that is no map, its first key.
  const keys = path.filter((step) => typeof step === 'string');
  const [firstKey] = examples.keys();
  const example = examples.get(keys.slice(-2).join('.')) ?? examples.get(keys.at(-1) ?? firstKey!);
  return example === undefined ? '' : `; for example ${example}`;
}

/** A value for a message: short, and with the credentials of a URL taken out. */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return value === null ? 'nothing' : 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value).replace(/\/\/.*@/, '//<secret>@') : String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

const MAX_SHOWN = 100;
