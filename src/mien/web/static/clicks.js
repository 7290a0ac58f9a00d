// What a click means.

/** Whether the browser opens what was clicked in a tab or window of its own. */
export const isElsewhere = (event) => event.ctrlKey || event.metaKey || event.shiftKey;
