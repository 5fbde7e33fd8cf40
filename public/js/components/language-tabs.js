let counter = 0

/** Parts of a translated field as tabs: one language at a time. A part with an error is marked and opened first. */
export default function languageTabs(fieldset) {
  const parts = [...fieldset.querySelectorAll(':scope > [data-language]')]
  if (parts.length < 2) return
  const list = document.createElement('div')
  list.className = 'language-tabs'
  list.setAttribute('role', 'tablist')
  list.setAttribute('aria-label', fieldset.querySelector('legend').firstChild.textContent.trim())
  const tabs = parts.map((part) => makeTab(part))
  list.append(...tabs)
  parts[0].before(list)

  const show = (index, focus) => {
    parts.forEach((part, at) => {
      part.hidden = at !== index
      tabs[at].setAttribute('aria-selected', String(at === index))
      tabs[at].tabIndex = at === index ? 0 : -1
    })
    if (focus) tabs[index].focus()
  }
  tabs.forEach((tab, index) => {
    tab.addEventListener('click', () => show(index))
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
      if (step) show((index + step + tabs.length) % tabs.length, true)
    })
  })
  // A link of the error summary, or the browser's own check, must find its field visible.
  fieldset.addEventListener('invalid', (event) => show(parts.findIndex((part) => part.contains(event.target))), true)
  addEventListener('hashchange', () => showTarget())
  const showTarget = () => {
    const index = parts.findIndex(
      (part) => location.hash.length > 1 && part.querySelector(`#${CSS.escape(location.hash.slice(1))}`),
    )
    if (index >= 0) show(index)
  }
  show(
    Math.max(
      0,
      parts.findIndex((part) => part.querySelector('.has-error')),
    ),
  )
  showTarget()
}

function makeTab(part) {
  part.id ||= `language-part-${++counter}`
  part.setAttribute('role', 'tabpanel')
  const tab = document.createElement('button')
  tab.type = 'button'
  tab.className = 'language-tab'
  tab.id = `${part.id}-tab`
  tab.lang = part.dataset.language
  tab.textContent = part.dataset.label
  tab.setAttribute('role', 'tab')
  tab.setAttribute('aria-controls', part.id)
  part.setAttribute('aria-labelledby', tab.id)
  tab.classList.toggle('has-error', part.querySelector('.has-error') !== null)
  return tab
}
