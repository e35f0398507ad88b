/** The element id of the row at `position`, for `aria-activedescendant`. */
export function rowId(position: number): string {
  return `row-${position}`;
}
