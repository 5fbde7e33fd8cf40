// A brief message at the foot with one action ("undo", "try again"). It waits while it is looked at.

const SHOWN_FOR = 8000
let current = null

/** Shows a message in place of the one before. `action`: { label, run } or null. */
export function showToast(root, { text, kind, action }) {
  current?.remove()
  const toast = document.createElement('div')
  toast.className = `lr-toast is-${kind ?? 'success'}`
  const paragraph = document.createElement('p')
  paragraph.textContent = text
  toast.append(paragraph)
  const remove = () => {
    toast.remove()
    if (current === toast) current = null
  }
  if (action) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = action.label
    button.addEventListener('click', () => {
      remove()
      action.run()
    })
    toast.append(button)
  }
  const close = document.createElement('button')
  close.type = 'button'
  close.className = 'lr-toast-close'
  close.textContent = '×'
  close.setAttribute('aria-label', root.dataset.close)
  close.addEventListener('click', remove)
  toast.append(close)
  root.append(toast)
  current = toast
  let timer = setTimeout(remove, SHOWN_FOR)
  const wait = () => clearTimeout(timer)
  const goOn = () => {
    clearTimeout(timer)
    timer = setTimeout(remove, SHOWN_FOR)
  }
  toast.addEventListener('pointerenter', wait)
  toast.addEventListener('focusin', wait)
  toast.addEventListener('pointerleave', goOn)
  toast.addEventListener('focusout', goOn)
}
