// On a narrow screen the tabs scroll sideways: the open one comes into view.
document.querySelector(".fee-tabs .here")?.scrollIntoView({ inline: "center", block: "nearest" });
