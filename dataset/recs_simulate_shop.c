#include "recs_simulate_shop.h"


/* Lines of 5 units in the dark colour on white shapes: see the image. */
#define W  "fill='#fff' fill-opacity='.92' stroke='none'"


const recs_simulate_category_t
    recs_simulate_categories[RECS_SIMULATE_CATEGORIES] =
{
    {
        "Hiking", "hiking",
        { "Trail Backpack", "Rain Jacket", "Trekking Poles", "Hiking Boots",
          "Trail Shoes", "Merino Socks", "Headlamp", "Water Filter",
          "Two-Person Tent", "Sleeping Bag", "Camping Stove", "Map Case" },
        8900,
        "<path " W " d='M50 16 86 82H14z'/><path d='M50 16 86 82H14zM37 40l9"
        " 8 8-8 8 8'/>"
    },
    {
        "Cycling", "cycling",
        { "Bike Helmet", "Floor Pump", "Pannier Bag", "Front Light",
          "Rear Light", "Cycling Gloves", "Folding Lock", "Chain Oil",
          "Bottle Cage", "Saddle", "Wind Vest", "Repair Stand" },
        4900,
        "<circle " W " cx='28' cy='64' r='18'/><circle " W " cx='72' cy='64'"
        " r='18'/><circle cx='28' cy='64' r='18'/><circle cx='72' cy='64'"
        " r='18'/><path d='M28 64 42 36h22l8 28M42 36l12 28h-26M54 64l10-28"
        "-2-8h10M36 32h10'/>"
    },
    {
        "Coffee & tea", "coffee",
        { "Espresso Cup Set", "Pour-Over Dripper", "Hand Grinder",
          "Gooseneck Kettle", "French Press", "Milk Jug", "Tea Pot",
          "Tea Infuser", "Coffee Scale", "Moka Pot", "Travel Mug",
          "Bean Canister" },
        3400,
        "<path " W " d='M22 40h46v24a16 16 0 0 1-16 16H38a16 16 0 0 1-16-16z'"
        "/><path d='M22 40h46v24a16 16 0 0 1-16 16H38a16 16 0 0 1-16-16zM68"
        " 46h6a9 9 0 0 1 0 20h-6M36 30c-4-6 4-8 0-14M52 30c-4-6 4-8 0-14'/>"
    },
    {
        "Kitchen", "kitchen",
        { "Chef's Knife", "Cast Iron Pan", "Cutting Board", "Mixing Bowl",
          "Spice Mill", "Bread Knife", "Stock Pot", "Baking Tin",
          "Kitchen Scale", "Apron", "Salad Servers", "Storage Jar" },
        4200,
        "<path " W " d='M20 46h60v20a16 16 0 0 1-16 16H36a16 16 0 0 1-16-16z'"
        "/><path d='M20 46h60v20a16 16 0 0 1-16 16H36a16 16 0 0 1-16-16zM10"
        " 52h10M80 52h10M24 38h52M46 38a4 6 0 0 1 8 0'/>"
    },
    {
        "Garden", "garden",
        { "Pruning Shears", "Watering Can", "Planting Trowel", "Seed Tray",
          "Garden Gloves", "Clay Pot", "Bird Feeder", "Hand Fork",
          "Raised Bed", "Herb Kit", "Garden Lantern", "Rain Gauge" },
        2600,
        "<path " W " d='M30 56h40l-6 28H36z'/><path d='M30 56h40l-6 28H36zM50"
        " 56V34M50 42c-16 0-20-10-20-20 14 0 20 8 20 20zM50 36c0-12 8-18 20"
        "-18 0 12-6 18-20 18z'/>"
    },
    {
        "Books & paper", "paper",
        { "Dotted Notebook", "Fountain Pen", "Ink Bottle", "Desk Calendar",
          "Sketch Pad", "Pencil Case", "Reading Light", "Bookend Pair",
          "Letter Set", "Weekly Planner", "Brush Pen Set", "Bookmark Tin" },
        1900,
        "<path " W " d='M50 30c-10-8-22-8-34-6v50c12-2 24-2 34 6 10-8 22-8 34"
        "-6V24c-12-2-24-2-34 6z'/><path d='M50 30c-10-8-22-8-34-6v50c12-2 24"
        "-2 34 6 10-8 22-8 34-6V24c-12-2-24-2-34 6zM50 30v50M26 38l14 2M26"
        " 50l14 2M74 38l-14 2M74 50l-14 2'/>"
    },
    {
        "Audio", "audio",
        { "Over-Ear Headphones", "In-Ear Headphones", "Bookshelf Speaker",
          "Portable Speaker", "Turntable", "Record Brush", "Desk Microphone",
          "Headphone Stand", "Audio Interface", "Radio", "Speaker Cable",
          "Record Crate" },
        9900,
        "<rect " W " x='14' y='52' width='18' height='28' rx='8'/><rect " W
        " x='68' y='52' width='18' height='28' rx='8'/><rect x='14' y='52'"
        " width='18' height='28' rx='8'/><rect x='68' y='52' width='18'"
        " height='28' rx='8'/><path d='M20 52a30 30 0 0 1 60 0'/>"
    },
    {
        "Desk & office", "desk",
        { "Desk Lamp", "Monitor Stand", "Felt Desk Mat", "Cable Tray",
          "Laptop Sleeve", "Office Chair", "Footrest", "Pen Tray",
          "Document Tray", "Wall Clock", "Standing Desk", "Drawer Unit" },
        7900,
        "<path " W " d='M30 24l26 10-14 22-22-14z'/><path d='M30 24l26 10-14"
        " 22-22-14zM50 42l22-6M72 36 60 80M44 82h32M58 54a8 8 0 0 1-12 2'/>"
    },
    {
        "Children", "children",
        { "Wooden Train", "Building Blocks", "Picture Puzzle", "Kite",
          "Night Light", "Rain Boots", "Lunch Box", "Memory Game",
          "Finger Paints", "Rocking Horse", "Stacking Rings", "Play Tent" },
        2900,
        "<rect " W " x='16' y='52' width='30' height='30' rx='3'/><rect " W
        " x='54' y='52' width='30' height='30' rx='3'/><rect " W " x='35'"
        " y='18' width='30' height='30' rx='3'/><rect x='16' y='52'"
        " width='30' height='30' rx='3'/><rect x='54' y='52' width='30'"
        " height='30' rx='3'/><rect x='35' y='18' width='30' height='30'"
        " rx='3'/><circle cx='69' cy='67' r='6'/><path d='M26 72l5-10 5"
        " 10zM46 29h8v8h-8z'/>"
    },
    {
        "Bath & sleep", "bath",
        { "Bath Towel", "Linen Bedding", "Bath Robe", "Wool Blanket",
          "Soap Dish", "Scented Candle", "Bath Mat", "Feather Pillow",
          "Hand Cream", "Sleep Mask", "Hot-Water Bottle", "Laundry Basket" },
        3900,
        "<path " W " d='M62 18a34 34 0 1 0 20 48A30 30 0 0 1 62 18z'/><path"
        " d='M62 18a34 34 0 1 0 20 48A30 30 0 0 1 62 18zM72 34h12l-12 14h12'"
        "/>"
    },
};


const recs_simulate_colour_t  recs_simulate_colours[RECS_SIMULATE_COLOURS] = {
    { "moss",   "#b9cfa4", "#4c6b3a" },
    { "sand",   "#ecd9b6", "#8a6a34" },
    { "slate",  "#b8c4d0", "#3f5266" },
    { "rust",   "#efb79a", "#94431d" },
    { "ocean",  "#a5cfe0", "#1d5f7d" },
    { "plum",   "#d9b6d4", "#6f3268" },
    { "honey",  "#f6d488", "#8c6209" },
    { "mint",   "#b4e0cf", "#1f6f58" },
    { "rose",   "#f3bdc4", "#98394a" },
    { "indigo", "#bdbff0", "#3a3d8f" },
};


const char *const  recs_simulate_brands[RECS_SIMULATE_BRANDS] = {
    "Alder", "Birkholm", "Corvo", "Dunmore", "Eastlake", "Fjellmark",
    "Granta", "Halden", "Isola", "Juniper", "Kestrel", "Lowmoor", "Marlow",
    "Norrland", "Oakhill", "Pinecroft",
};


const char *const  recs_simulate_styles[RECS_SIMULATE_STYLES] = {
    "Classic", "Compact", "Everyday", "Light", "Studio", "Heritage", "Nova",
    "Field", "Urban", "Fine", "Sturdy", "Signature",
};


const char *const  recs_simulate_names[RECS_SIMULATE_NAMES] = {
    "Anna", "Ben", "Clara", "David", "Elif", "Finn", "Greta", "Hugo", "Ines",
    "Jonas", "Kira", "Leo", "Mia", "Noah", "Olga", "Paul", "Rosa", "Sami",
    "Tess", "Ugo", "Vera", "Will", "Yara", "Zoe", "Ada", "Bruno", "Celia",
    "Dario", "Emma", "Felix", "Gina", "Henri", "Iris", "Jack", "Karin",
    "Luis", "Marta", "Nils", "Odile", "Pedro", "Rita", "Sven", "Tara",
    "Umar", "Vito", "Wanda", "Xenia", "Yusuf", "Alma", "Boris", "Cara",
    "Dina", "Emil", "Flora", "Gael", "Hana", "Ivo", "June", "Kemal", "Lena",
};


void
recs_simulate_image(FILE *f, const recs_simulate_category_t *category,
    const recs_simulate_colour_t *colour)
{
    fprintf(f,
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 200 150'>\n"
            "<rect width='200' height='150' fill='%s'/>\n"
            "<circle cx='100' cy='75' r='62' fill='#fff' opacity='.28'/>\n"
            "<g transform='translate(53 28) scale(.94)' fill='none'"
            " stroke='%s' stroke-width='4' stroke-linecap='round'"
            " stroke-linejoin='round'>%s</g>\n"
            "</svg>\n",
            colour->light, colour->dark, category->glyph);
}
