import { Document, isMap, isSeq, type YAMLMap } from 'yaml';

/** An alert as Prometheus' rule files have it; `comment` is written above it. */
export interface Alert {
  readonly comment?: string;
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface RuleGroup {
  readonly comment?: string;
  readonly name: string;
  readonly rules: readonly Alert[];
}

/** A file of `deploy/prometheus/rules`. */
export interface RuleFile {
  readonly comment: string;
  readonly groups: readonly RuleGroup[];
}

/** The text of a file: as people write it, with comments, and an empty line between alerts. */
export function fileText({ comment, groups }: RuleFile): string {
  const document = new Document({ groups: groups.map(withoutComments) });
  document.commentBefore = asComment(`${comment}\nGenerated from deploy/prometheus/src by \`npm run alerts\`.`);
  const groupNodes = itemsOf(document.get('groups'));
  groups.forEach((group, g) => {
    annotate(groupNodes[g]!, group.comment, g > 0);
    itemsOf(groupNodes[g]!.get('rules')).forEach((node, r) => {
      annotate(node, group.rules[r]!.comment, r > 0);
    });
  });
  // No line is folded: a template is read as it is written.
  return document.toString({ lineWidth: 0, blockQuote: 'literal', singleQuote: true });
}

function withoutComments({ comment: _, rules, ...group }: RuleGroup): object {
  return { ...group, rules: rules.map(({ comment: _, ...rule }) => rule) };
}

function itemsOf(node: unknown): YAMLMap[] {
  return isSeq(node) ? node.items.filter((item) => isMap(item)) : [];
}

function annotate(node: YAMLMap, comment: string | undefined, isApart: boolean): void {
  if (comment !== undefined) node.commentBefore = asComment(comment);
  node.spaceBefore = isApart;
}

function asComment(text: string): string {
  return text.replaceAll(/^/gm, ' ');
}
