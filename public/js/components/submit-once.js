/** A form that must not be sent twice by an impatient hand: the second click within ten seconds does nothing. */
export default function submitOnce(form) {
  let sent = 0
  form.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return
    if (Date.now() - sent < 10_000) event.preventDefault()
    // Not yet sent if another component still asks a question first.
    else
      setTimeout(() => {
        if (!event.defaultPrevented) sent = Date.now()
      })
  })
  addEventListener('pageshow', () => {
    sent = 0
  })
}
