// Builds the hub's site: dist/hub/{index.html,site.js,site.css}. Fixed names, no inline script, nothing fetched from elsewhere.
import { defineConfig, type Plugin } from 'vite';
import { svelte } from '@sveltejs/vite-plugin-svelte';

/** Names the page index.html, whatever its source is called. */
function indexPage(): Plugin {
  return {
    name: 'index-page',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['hub.html'];
      if (page?.type !== 'asset') throw new Error('hub.html is missing from the bundle');
      page.fileName = 'index.html';
    },
  };
}

export default defineConfig({
  base: '/',
  plugins: [svelte({ emitCss: true }), indexPage()],
  build: {
    target: 'es2022',
    outDir: 'dist/hub',
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: 'hub.html',
      output: { entryFileNames: 'site.js', chunkFileNames: 'site-[name].js', assetFileNames: 'site[extname]' },
    },
  },
});
