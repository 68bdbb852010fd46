// Starts the hub's site.
import { mount } from 'svelte';
import '../style.css';
import './hub.css';
import App from './App.svelte';
import { begin } from './lib/choice';

begin();
mount(App, { target: document.getElementById('app')! });
