import { createRequire } from 'node:module';
import type Holidays from 'date-holidays';

/** A day, or several in a row, that a country keeps: by its own local dates, as ms of a UTC clock with that reading. */
export interface Holiday {
  readonly name: string;
  readonly fromLocalMs: number;
  readonly toLocalMs: number;
}

const DAY_MS = 86_400_000;
/** For names: of most holidays there is an English one, else the country's own. */
const LANGUAGES = ['en'];

const require = createRequire(import.meta.url);
let loaded: typeof Holidays | undefined;

/** The library has the rules of 200 countries: it is loaded only where a calendar names one. */
function library(): typeof Holidays {
  loaded ??= require('date-holidays') as typeof Holidays;
  return loaded;
}

/** Whether a country is known, and in it the region: its ISO 3166-2 code without the country's, such as `BY`, or `BY-A` for a part. */
export function isKnownCountry(code: string, region?: string): boolean {
  const holidays = new (library())();
  if (!Object.hasOwn(holidays.getCountries(), code)) return false;
  if (region === undefined) return true;
  const [state = '', ...part] = region.split('-');
  if (!Object.hasOwn(holidays.getStates(code) ?? {}, state)) return false;
  return part.length === 0 || Object.hasOwn(holidays.getRegions(code, state) ?? {}, part.join('-'));
}

const answers = new Map<string, readonly Holiday[]>();
/** Years of countries that are kept: a fleet asks for few. */
const MAX_KEPT = 256;

/** The holidays of these kinds that begin in a year, in order of time. */
export function holidaysOf(
  country: { readonly code: string; readonly region?: string; readonly types: readonly string[] },
  year: number,
): readonly Holiday[] {
  const key = JSON.stringify([country, year]);
  let answer = answers.get(key);
  if (answer === undefined) {
    answer = readHolidays(country.code, country.region, country.types, year);
    if (answers.size >= MAX_KEPT) answers.delete(answers.keys().next().value!);
    answers.set(key, answer);
  }
  return answer;
}

function readHolidays(
  code: string,
  region: string | undefined,
  types: readonly string[],
  year: number,
): readonly Holiday[] {
  const [state, ...part] = region?.split('-') ?? [];
  const place = { country: code, ...(state && { state }), ...(part.length > 0 && { region: part.join('-') }) };
  const holidays = new (library())(place, { languages: LANGUAGES });
  return holidays
    .getHolidays(year)
    .filter(({ type }) => types.includes(type))
    .map(({ name, date, start, end }) => {
      // Some begin at sunset of the day before: who works by the clock keeps the day itself.
      const fromLocalMs = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
      const days = Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS));
      return { name, fromLocalMs, toLocalMs: fromLocalMs + days * DAY_MS };
    })
    .sort((a, b) => a.fromLocalMs - b.fromLocalMs);
}
