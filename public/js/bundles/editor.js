/**
 * The rich-text editor: Tiptap with the vocabulary that server/core/rich-text.ts lets through. It sets no inline styles,
 * so that it works under the content security policy; its looks are in public/css/editor.css.
 */
import { Editor } from '@tiptap/core'
import Image from '@tiptap/extension-image'
import { Table, TableCell, TableHeader, TableRow } from '@tiptap/extension-table'
import StarterKit from '@tiptap/starter-kit'

/** Without the column widths of the original, which are inline styles. */
const PlainTable = Table.extend({
  renderHTML: () => ['table', ['tbody', 0]],
})

const extensions = [
  StarterKit.configure({
    heading: { levels: [3, 4] },
    code: false,
    codeBlock: false,
    strike: false,
    link: {
      openOnClick: false,
      defaultProtocol: 'https',
      protocols: ['mailto'],
      HTMLAttributes: { target: null, rel: null, class: null },
    },
  }),
  PlainTable.configure({ resizable: false }),
  TableRow,
  TableHeader,
  TableCell,
  Image.configure({ inline: true, allowBase64: false }),
]

/**
 * @param {{ element: HTMLElement, content: string, attributes: Record<string, string>, editorProps?: object }} options
 * @returns {Editor} not yet listening to anything
 */
export const createEditor = ({ element, content, attributes, editorProps = {} }) =>
  new Editor({ element, content, extensions, injectCSS: false, editorProps: { attributes, ...editorProps } })
