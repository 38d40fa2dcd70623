import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Alert } from '#prometheus/rule-file.js';

const ROOT = resolve(import.meta.dirname, '../..');

/** The absolute path of a file of this repository. */
export function repositoryPath(path: string): string {
  return join(ROOT, path);
}

export function readText(path: string): string {
  return readFileSync(repositoryPath(path), 'utf8');
}

/** The paths of the files in a folder that end in `extension`, sorted. */
export function filesIn(folder: string, extension: string): string[] {
  return readdirSync(repositoryPath(folder))
    .filter((file) => file.endsWith(extension))
    .sort()
    .map((file) => join(folder, file));
}

/** What the tests look at of a dashboard's JSON. */
export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly panels: readonly PanelJson[];
  readonly templating: { readonly list: readonly VariableJson[] };
  readonly links?: readonly { readonly url: string }[];
  readonly annotations?: { readonly list?: readonly { readonly name: string; readonly expr?: string }[] };
}

export interface PanelJson {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: SourceJson;
  readonly targets: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource?: SourceJson;
  }[];
  readonly fieldConfig: {
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
}

interface SourceJson {
  readonly type: string;
  readonly uid: string;
}

interface VariableJson {
  readonly name: string;
  readonly type: string;
  readonly query?: string | { readonly query: string };
  readonly regex?: string;
  readonly includeAll: boolean;
  readonly allValue?: string;
}

/** Every dashboard as it is committed, by the name of its file. */
export function committedDashboards(): Map<string, DashboardJson> {
  return new Map(
    filesIn('deploy/grafana/dashboards', '.json').map((path) => [path.replace(/.*\//, ''), JSON.parse(readText(path))]),
  );
}

export interface AlertRule extends Omit<Alert, 'comment'> {
  readonly file: string;
}

/** Every alert of deploy/prometheus/rules. */
export function alertRules(): AlertRule[] {
  return filesIn('deploy/prometheus/rules', '.yml').flatMap((file) => {
    const { groups } = parse(readText(file), { merge: true }) as { groups: { rules: Omit<AlertRule, 'file'>[] }[] };
    return groups.flatMap(({ rules }) => rules.map((rule) => ({ file, ...rule })));
  });
}
