// Icons, as lines on 20 by 20; colour and weight come from style/base.css. They are drawn without asking for anything, also when
// the service cannot be reached.

/** @type {Record<string, string>} */
export const LINES = {
  integrations: "M3 3h5.5v5.5H3zM11.5 3H17v5.5h-5.5zM3 11.5h5.5V17H3zM14.25 11.5v5.5M11.5 14.25H17",
  connections: "M8.5 11.5a3.5 3.5 0 0 0 5 0l2.5-2.5a3.54 3.54 0 0 0-5-5L9.7 5.3M11.5 8.5a3.5 3.5 0 0 0-5 0L4 11a3.54 3.54 0 0 0 5 5l1.3-1.3",
  models: "M10 2.5 17 6l-7 3.5L3 6zM3 10l7 3.5 7-3.5M3 14l7 3.5 7-3.5",
  try: "M3 4.5h14v9.5h-7l-4 3.5V14H3zM6.5 8h7M6.5 10.8h4",
  usage: "M3 17h14M5 17v-6M10 17V4M15 17v-9",
  audit: "M4 3h12v14H4zM7 7h6M7 10h6M7 13h3.5",
  keys: "M9.5 10.5 17 3M14.5 5.5 17 8M3 13.5a3.5 3.5 0 1 0 7 0 3.5 3.5 0 0 0-7 0",
  copy: "M7.5 7.5H16V16H7.5zM12.5 4.5V4H4v8.5h.5",
  download: "M10 3v9.5M6 9l4 4 4-4M3.5 16.5h13",
  check: "m4.5 10.5 3.7 3.7 7.3-8",
  cross: "m5.5 5.5 9 9M14.5 5.5l-9 9",
  warning: "M10 3 18 16.5H2zM10 8v4M10 14.3v.1",
  dash: "M6 10h8",
  info: "M2.8 10a7.2 7.2 0 1 0 14.4 0 7.2 7.2 0 1 0-14.4 0M10 9.2v4.3M10 6.5v.1",
  arrow: "M4 10h12M11 5l5 5-5 5",
  plus: "M10 4v12M4 10h12",
  search: "M3.5 8.8a5.3 5.3 0 1 0 10.6 0 5.3 5.3 0 1 0-10.6 0M12.8 12.8 17 17",
  menu: "M3 5.5h14M3 10h14M3 14.5h14",
  sun: "M6.5 10a3.5 3.5 0 1 0 7 0 3.5 3.5 0 1 0-7 0M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1",
  moon: "M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5",
  leave: "M12 3H4v14h8M8.5 10H17M14 7l3 3-3 3",
  again: "M16 10a6 6 0 1 1-1.8-4.3L16 7.5M16 3.5v4h-4",
  stop: "M5.5 5.5h9v9h-9z",
  eye: "M1.8 10S5 4.5 10 4.5 18.2 10 18.2 10 15 15.5 10 15.5 1.8 10 1.8 10M7.7 10a2.3 2.3 0 1 0 4.6 0 2.3 2.3 0 1 0-4.6 0",
  chevron: "m7.5 4.5 5.5 5.5-5.5 5.5",
  bedrock: "M4.4 13.4 10 16.2l5.6-2.8M4.4 10l5.6 2.8 5.6-2.8M10 3.8l5.6 2.8L10 9.4 4.4 6.6z",
};
