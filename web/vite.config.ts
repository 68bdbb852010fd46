// Builds the whole page into one file: dist/report.html, nothing beside it and nothing fetched at run time.
import { defineConfig, type Plugin } from 'vite';
import { svelte } from '@sveltejs/vite-plugin-svelte';

/** Puts the script and the style into the page and names the page report.html. */
function oneFile(): Plugin {
  return {
    name: 'one-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') throw new Error('index.html is missing from the bundle');
      let html = String(page.source);
      let script = '';
      let style = '';
      for (const [file, part] of Object.entries(bundle)) {
        if (file === 'index.html') continue;
        if (part.type === 'chunk') script += part.code;
        else if (file.endsWith('.css')) style += String(part.source);
        else throw new Error(`${file} cannot be put into the page; import it as text or data instead`);
        delete bundle[file];
      }
      html = html.replace(/\s*<(script|link)\b[^>]*\b(src|href)="\.?\/assets\/[^>]*>(<\/script>)?/g, '');
      // Function replacements, because `$` in the code must stay as it is.
      html = html.replace('</head>', () => `<style>${style.trim()}</style>\n</head>`);
      html = html.replace('</body>', () => `<script type="module">${script.trim().replaceAll('</script', '<\\/script')}</script>\n</body>`);
      delete bundle['index.html'];
      this.emitFile({ type: 'asset', fileName: 'report.html', source: html });
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [svelte({ emitCss: true }), oneFile()],
  build: {
    target: 'es2022',
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
  },
});
