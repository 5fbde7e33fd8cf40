/** A form that asks before it is left with changes that were not sent. */
export default function unsavedGuard(form) {
  const stateOf = () =>
    new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string')).toString()
  let saved = stateOf()
  let leaving = false
  form.addEventListener('submit', () => {
    leaving = true
  })
  // Pages that save by themselves say so.
  form.addEventListener('saved', () => {
    saved = stateOf()
  })
  addEventListener('beforeunload', (event) => {
    if (!leaving && form.isConnected && stateOf() !== saved) event.preventDefault()
  })
  addEventListener('pageshow', () => {
    leaving = false
  })
}
