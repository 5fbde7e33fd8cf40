import { notify } from '../lib/announce.js'
import { post } from '../lib/http.js'
import { askForAddress, askForPicture } from '../lib/rich-text-dialogs.js'
import { makeToolbar } from '../lib/rich-text-toolbar.js'

// Built from public/js/bundles/editor.js; without a build the textarea stays as it is.
const BUNDLE = '/js/editor.js'

/**
 * Turns a <textarea> of HTML into an editor without markup. The words of its buttons are data attributes of the nearest
 * `.rich-field`; with `data-picture-url` there, pictures can be put in, pasted and dropped. The textarea stays what the
 * form sends, and the way to write where this script or its bundle did not load.
 */
export default async function richText(textarea) {
  const bundle = await import(BUNDLE).catch(() => undefined)
  if (!bundle) return
  const words = textarea.closest('.rich-field')?.dataset ?? {}
  const frame = document.createElement('div')
  frame.className = 'rich-text'
  const surface = document.createElement('div')
  surface.className = 'rich-text-surface prose'
  const editor = bundle.createEditor({
    element: surface,
    content: asHtml(textarea.value),
    attributes: describe(textarea),
    editorProps: picturesByHand(words, (file) => insertPicture(editor, words, file)),
  })
  const toolbar = makeToolbar(editor, words, {
    link: () => askForAddress(editor, words),
    picture: words.pictureUrl
      ? () => askForPicture(words, (file, alt) => insertPicture(editor, words, file, alt))
      : null,
  })
  frame.append(toolbar, surface)
  textarea.after(frame)
  textarea.classList.add('visually-hidden')
  textarea.tabIndex = -1
  // Labels and the error summary lead to the textarea.
  textarea.addEventListener('focus', () => editor.commands.focus())
  editor.on('update', () => {
    textarea.value = editor.isEmpty ? '' : editor.getHTML()
    textarea.dispatchEvent(new Event('input', { bubbles: true }))
  })
}

/** Plain text that came back from a form sent without this script reads as paragraphs. */
function asHtml(value) {
  if (/<\w+[^>]*>/.test(value)) return value
  const paragraphs = value.split(/\n\s*\n/).filter((part) => part.trim())
  return paragraphs
    .map((part) => {
      const paragraph = document.createElement('p')
      paragraph.textContent = part.trim()
      return paragraph.outerHTML
    })
    .join('')
}

/** Says to screen readers what the textarea would have said. */
function describe(textarea) {
  const label = document.querySelector(`label[for="${CSS.escape(textarea.id)}"]`)
  const group = textarea.closest('fieldset')?.querySelector('legend')
  const names = [group, label].filter(Boolean)
  for (const [index, name] of names.entries()) name.id ||= `${textarea.id}-name-${index}`
  const attributes = {
    role: 'textbox',
    'aria-multiline': 'true',
    'aria-labelledby': names.map((name) => name.id).join(' '),
    'data-rows': textarea.rows > 10 ? 'many' : 'few',
  }
  for (const name of ['aria-describedby', 'aria-invalid']) {
    const value = textarea.getAttribute(name)
    if (value) attributes[name] = value
  }
  return attributes
}

const pictureOf = (list) => [...(list ?? [])].find((file) => file.type.startsWith('image/'))

function picturesByHand(words, insert) {
  if (!words.pictureUrl) return {}
  const take = (list) => {
    const file = pictureOf(list)
    if (file) insert(file)
    return Boolean(file)
  }
  return {
    handlePaste: (_view, event) => take(event.clipboardData?.files),
    handleDrop: (_view, event) => take(event.dataTransfer?.files),
  }
}

async function insertPicture(editor, words, file, alt = '') {
  const form = new FormData()
  form.append('file', file)
  try {
    const { url } = await post(words.pictureUrl, form)
    editor.chain().focus().setImage({ src: url, alt }).run()
  } catch (error) {
    notify('danger', error.fields?.[0]?.message ?? error.message)
  }
}
