/** A choice of time zones begins with that of the browser: the person sits where the authority is, the server may not. */
export default function guessZone(select) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (zone && zone !== 'UTC' && [...select.options].some((option) => option.value === zone)) select.value = zone
}
