import { UsageError } from '../../lib/errors.js';

/** A property of an iCalendar component, with its parameters; names in capitals. */
export interface IcalProperty {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** As it is written: texts are still escaped. */
  readonly value: string;
}

/** A component such as VEVENT, with those inside it. */
export interface IcalComponent {
  readonly name: string;
  readonly properties: readonly IcalProperty[];
  readonly components: readonly IcalComponent[];
}

interface OpenComponent {
  readonly name: string;
  readonly properties: IcalProperty[];
  readonly components: IcalComponent[];
}

/** A line that goes on in the next one, which begins with white space (RFC 5545, 3.1). */
const FOLD = /\r?\n[ \t]/g;
/** Name and parameters of a content line, up to the colon: `DTSTART;TZID="Europe/Berlin":…`. */
const HEAD = /^([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):/;
const PARAMETER = /;([A-Za-z0-9-]+)=((?:"[^"]*"|[^";])*)/g;
/** What is shown of a line that cannot be read. */
const SHOWN = 60;

/** Reads the first VCALENDAR of a text (RFC 5545, 3.1 to 3.4). Throws `UsageError` for one that is no iCalendar. */
export function parseIcal(text: string): IcalComponent {
  const root: OpenComponent = { name: '', properties: [], components: [] };
  const open = [root];
  for (const line of text
    .replace(/^\uFEFF/, '')
    .replaceAll(FOLD, '')
    .split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const property = parseLine(line);
    if (property === undefined || (open.length === 1 && property.name !== 'BEGIN'))
      throw new UsageError(`is no iCalendar: it has a line ${JSON.stringify(line.slice(0, SHOWN))}`);
    const current = open.at(-1)!;
    const named = property.value.toUpperCase();
    if (property.name === 'BEGIN') {
      const begun = { name: named, properties: [], components: [] };
      current.components.push(begun);
      open.push(begun);
    } else if (property.name === 'END') {
      if (named !== current.name) throw new UsageError(`is no iCalendar: ${current.name} ends as ${named}`);
      open.pop();
    } else current.properties.push(property);
  }
  if (open.length > 1) throw new UsageError(`is no whole iCalendar: ${open.at(-1)!.name} does not end`);
  const calendar = root.components.find(({ name }) => name === 'VCALENDAR');
  if (calendar === undefined) throw new UsageError('is no iCalendar: it has no VCALENDAR');
  return calendar;
}

/** The first property of this name. */
export function propertyOf(component: IcalComponent, name: string): IcalProperty | undefined {
  return component.properties.find((property) => property.name === name);
}

/** A text without its escapes (RFC 5545, 3.3.11). */
export function unescapeText(value: string): string {
  return value.replaceAll(/\\([\\;,nN])/g, (_, escaped: string) => (escaped.toLowerCase() === 'n' ? '\n' : escaped));
}

function parseLine(line: string): IcalProperty | undefined {
  const [head, name = '', parameters = ''] = HEAD.exec(line) ?? [];
  if (head === undefined) return undefined;
  return {
    name: name.toUpperCase(),
    parameters: new Map(
      [...parameters.matchAll(PARAMETER)].map(([, key = '', value = '']) => [
        key.toUpperCase(),
        value.replaceAll('"', ''),
      ]),
    ),
    value: line.slice(head.length),
  };
}
