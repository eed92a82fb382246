/** For those who build the kit: every piece in every state. `npm run dev`, then /gallery.html; never shipped. */
import "../base.css";
import { mount } from "svelte";
import Gallery from "./Gallery.svelte";
import Room from "./Room.svelte";

const room = new URLSearchParams(location.search).has("room");
mount(room ? Room : Gallery, { target: document.body });
