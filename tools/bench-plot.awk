# SPDX-License-Identifier: BSD-2-Clause
#
# Draws a growth table: cost over size, the size on a logarithmic axis, as SVG that reads on light and dark paper.
#
#   awk -v section=SECTION -f bench-rows.awk -f bench-plot.awk report.json >FILE.svg
#   awk -v list=1 -f bench-rows.awk -f bench-plot.awk report.json        one line a growth table: FILE.svg SECTION

function log10(number) {
    return log(number) / log(10)
}

function colour(i) {
    return substr("#3b7dd8#d9662b#2f9e6e#b0478f#8a6d1f#5b62c4", 7 * ((i - 1) % 6) + 1, 7)
}

list && read_row($0) && row["size"] != "" && !(row["section"] in listed) {
    listed[row["section"]] = 1
    print plot_name(row["section"]), row["section"]
}

!list && read_row($0) && row["section"] == section && row["size"] != "" {
    unit = row["steps"] != "" ? "steps" : "instructions"
    value = row["steps"] != "" ? row["steps"] : row["round", 2]
    if (!(row["name"] in index_of)) {
        index_of[row["name"]] = ++curves
        name_of[curves] = row["name"]
    }
    i = index_of[row["name"]]
    x[i, ++points[i]] = row["size"]
    y[i, points[i]] = value
    most_size = row["size"] > most_size + 0 ? row["size"] : most_size
    most = value > most + 0 ? value : most
}

# A round number a bit above the highest figure, and the distance of the lines.
function choose_scale() {
    step = 10 ^ int(log10(most))
    if (most / step < 2) {
        step /= 5
    } else if (most / step < 5) {
        step /= 2
    }
    top = step * (int(most / step) + 1)
}

function px(size) {
    return LEFT + (log10(most_size) > 0 ? log10(size) / log10(most_size) : 0) * (RIGHT - LEFT)
}

function py(value) {
    return BOTTOM - value / top * (BOTTOM - TOP)
}

function number_text(number, text) {
    text = sprintf("%d", number)
    while (match(text, /[0-9][0-9][0-9][0-9]($|,)/)) {
        text = substr(text, 1, RSTART) "," substr(text, RSTART + 1)
    }
    return text
}

function draw_frame(value, i) {
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 %d\" font-family=\"sans-serif\" font-size=\"12\">\n", \
        BOTTOM + 50 + 18 * curves
    print "<style>text{fill:#767676}.grid{stroke:#999;stroke-width:.5}.axis{stroke:#767676}"
    print "@media(prefers-color-scheme:light){text{fill:#333}.grid{stroke:#bbb}}"
    print "@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#555}.axis{stroke:#aaa}}</style>"
    printf "<text x=\"%d\" y=\"20\" font-size=\"14\">%s (%s)</text>\n", LEFT, section, unit
    for (value = 0; value <= top * 1.0001; value += step) {
        printf "<line class=\"%s\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>", value ? "grid" : "axis", LEFT, py(value), \
            RIGHT, py(value)
        printf "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", LEFT - 8, py(value) + 4, number_text(value)
    }
    for (i = 1; i <= points[1]; i++) {
        printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", px(x[1, i]), BOTTOM + 18, number_text(x[1, i])
    }
}

function draw_curve(i, j) {
    printf "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"", colour(i)
    for (j = 1; j <= points[i]; j++) {
        printf "%s%.1f,%.1f", (j > 1 ? " " : ""), px(x[i, j]), py(y[i, j])
    }
    print "\"/>"
    for (j = 1; j <= points[i]; j++) {
        printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>", px(x[i, j]), py(y[i, j]), colour(i)
    }
    printf "\n<rect x=\"%d\" y=\"%d\" width=\"14\" height=\"4\" fill=\"%s\"/>", LEFT, BOTTOM + 32 + 18 * i, colour(i)
    printf "<text x=\"%d\" y=\"%d\">%s: %s to %s</text>\n", LEFT + 22, BOTTOM + 38 + 18 * i, name_of[i], \
        number_text(y[i, 1]), number_text(y[i, points[i]])
}

END {
    if (!list) {
        LEFT = 80; RIGHT = 720; TOP = 40; BOTTOM = 320
        choose_scale()
        draw_frame()
        for (i = 1; i <= curves; i++) {
            draw_curve(i)
        }
        print "</svg>"
        exit curves == 0
    }
}
