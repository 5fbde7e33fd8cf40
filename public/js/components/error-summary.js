/** The summary of a refused form takes the focus; its links put the cursor into the field, whatever hides it. */
export default function errorSummary(summary) {
  for (const link of summary.querySelectorAll('a[href^="#"]')) nameField(link)
  summary.focus({ preventScroll: false })
  summary.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]')
    const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)))
    if (!target) return
    event.preventDefault()
    history.replaceState(null, '', link.hash)
    dispatchEvent(new HashChangeEvent('hashchange'))
    for (let parent = target.parentElement; parent; parent = parent.parentElement) {
      if (parent instanceof HTMLDetailsElement) parent.open = true
    }
    const field = target.matches('input, select, textarea')
      ? target
      : (target.querySelector('input, select, textarea') ?? target)
    field.focus()
    target.scrollIntoView({ block: 'center' })
  })
}

/** "Fill in this field" says little in a list: the field's own label goes before it. */
function nameField(link) {
  const target = document.getElementById(decodeURIComponent(link.hash.slice(1)))
  const label = target?.labels?.[0] ?? target?.querySelector(':scope > legend') ?? null
  const name = label?.firstChild?.textContent.trim()
  if (name && !link.textContent.includes(name)) link.textContent = `${name}: ${lowerFirst(link.textContent)}`
}

const lowerFirst = (text) => (/^\p{Lu}\p{Ll}/u.test(text) ? text[0].toLowerCase() + text.slice(1) : text)
