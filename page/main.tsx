import { render } from 'preact';
import { App } from './app.js';
import './style.css';
import 'uplot/dist/uPlot.min.css';

render(<App />, document.getElementById('app')!);
