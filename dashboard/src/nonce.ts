/** The value that lets style elements of ours into the page, whose policy allows no others. */

import { setNonce } from "get-nonce";

export const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
if (nonce) setNonce(nonce); // read by react-remove-scroll, under Mantine's dialogs
