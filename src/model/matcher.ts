/** A PromQL label matcher. For `=~` and `!~` the value is an RE2 expression, matched against the whole label value. */
export interface Matcher {
  readonly name: string;
  readonly type: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}
