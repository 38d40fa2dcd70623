/** A text as the regular expression that matches it alone, as RE2's QuoteMeta writes it. */
export function escapeExpression(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
