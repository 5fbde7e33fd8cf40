/** A filter form: a choice sends it at once, typing after a pause. Empty fields stay out of the address. */
export default function autosubmit(form) {
  let timer
  const send = () => {
    clearTimeout(timer)
    form.requestSubmit()
  }
  form.addEventListener('change', (event) => {
    if (event.target.matches('select, [type=checkbox], [type=radio], [type=date]')) send()
  })
  form.addEventListener('input', (event) => {
    // On a phone the page would be replaced under the keyboard: there one presses the button.
    if (!event.target.matches('[type=search]') || matchMedia('(pointer: coarse)').matches) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      sessionStorage.setItem('autosubmit.focus', event.target.id)
      send()
    }, 700)
  })
  form.addEventListener('submit', () => {
    const idle = [...form.elements].filter((element) => element.name && !element.disabled && element.value === '')
    for (const element of idle) element.disabled = true
    // Back in the browser's history, the fields must be alive again.
    setTimeout(() => {
      for (const element of idle) element.disabled = false
    })
  })
  resumeTyping(form)
  foldOnPhone(form)
}

/** On a phone only the first field stays; the others wait under one word, so that the list itself is in sight. */
function foldOnPhone(form) {
  const [, ...others] = form.querySelectorAll(':scope > .field')
  if (others.length < 2 || !matchMedia('(max-width: 639.98px)').matches) return
  const more = document.createElement('details')
  more.className = 'filter-more'
  const summary = document.createElement('summary')
  summary.textContent = form.dataset.more
  others[0].before(more)
  more.append(summary, ...others)
}

/** The list was sent while someone was typing: the cursor returns to the end of the same field. */
function resumeTyping(form) {
  const id = sessionStorage.getItem('autosubmit.focus')
  const field = id && form.querySelector(`#${CSS.escape(id)}`)
  if (!field) return
  sessionStorage.removeItem('autosubmit.focus')
  field.focus()
  field.setSelectionRange?.(field.value.length, field.value.length)
}
