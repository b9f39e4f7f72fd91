/** An amount in cents as it stands on the page, such as "1,234.50". */
export function amount(cents) {
  return (cents / 100).toFixed(2);
}
