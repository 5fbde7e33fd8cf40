import { openDialog } from './dialog.js'

let counter = 0

function labelled(words, input) {
  input.id = `rich-text-input-${++counter}`
  const label = document.createElement('label')
  label.className = 'field-label'
  label.htmlFor = input.id
  label.textContent = words
  const field = document.createElement('div')
  field.className = 'field'
  field.append(label, input)
  return field
}

function inputOf(type) {
  const input = document.createElement('input')
  input.type = type
  input.className = 'form-control'
  return input
}

function buttons(...made) {
  const row = document.createElement('div')
  row.className = 'button-row'
  row.append(...made)
  return row
}

function button(label, kind, type = 'submit') {
  const made = document.createElement('button')
  made.type = type
  made.className = `btn ${kind}`
  made.textContent = label
  return made
}

/** An address as people type it: without a scheme it is a site, with an @ a letter. */
export function completeAddress(typed) {
  const text = typed.trim()
  if (!text || /^(https?:\/\/|mailto:|\/(?!\/))/i.test(text)) return text
  if (/^[^\s/@]+@[^\s/@]+$/.test(text)) return `mailto:${text}`
  return `https://${text.replace(/^\/+/, '')}`
}

/** Asks where the chosen words lead; an empty address takes the link away. */
export function askForAddress(editor, words) {
  const input = inputOf('text')
  input.value = editor.getAttributes('link').href ?? ''
  input.inputMode = 'url'
  const form = document.createElement('form')
  const remove = button(words.linkRemove, 'btn-plain', 'button')
  remove.hidden = !input.value
  form.append(labelled(words.linkQuestion, input), buttons(button(words.linkSet, 'btn-primary'), remove))
  const dialog = openDialog(words.link, form)
  input.focus()
  const done = (address) => {
    dialog.close()
    const chain = editor.chain().focus().extendMarkRange('link')
    if (!address) chain.unsetLink().run()
    else if (editor.state.selection.empty && !editor.isActive('link')) {
      chain.insertContent({ type: 'text', text: address, marks: [{ type: 'link', attrs: { href: address } }] }).run()
    } else chain.setLink({ href: address }).run()
  }
  remove.addEventListener('click', () => done(''))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    // The editor may stand in a form that listens to what is sent inside it.
    event.stopPropagation()
    done(completeAddress(input.value))
  })
}

/** Asks for a picture and for words that stand for it. */
export function askForPicture(words, insert) {
  const file = inputOf('file')
  file.accept = 'image/png,image/jpeg,image/webp,image/gif'
  file.required = true
  const alt = inputOf('text')
  const form = document.createElement('form')
  form.append(labelled(words.picture, file), labelled(words.pictureAlt, alt))
  form.append(buttons(button(words.pictureSet, 'btn-primary')))
  const dialog = openDialog(words.picture, form)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    event.stopPropagation()
    dialog.close()
    insert(file.files[0], alt.value.trim())
  })
}
