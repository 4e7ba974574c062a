# Attributes of items are somebody else's words.  Hundreds of them that try to
# be code go through every output: slots by templates and without, JSON,
# variables in bodies and headers.  A parser of HTML must find the tags and
# attributes of harmless words, no more, and no URL that is code.

use strict;
use warnings;

use FindBin;
use HTML::Parser;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my @payloads = (
    '<script>alert(1)</script>', '"><script>alert(1)</script>',
    '\'><script>alert(1)</script>', '</title><script>alert(1)</script>',
    '</template><script>alert(1)</script>', '</a><svg onload=alert(1)>',
    '<img src=x onerror=alert(1)>', '"><img src=x onerror=alert(1)>',
    '" onmouseover="alert(1)', '\' onmouseover=\'alert(1)',
    '` onmouseover=`alert(1)', 'x onfocus=alert(1) autofocus',
    '" autofocus onfocus="alert(1)', '<svg/onload=alert(1)>',
    '<svg><script>alert(1)</script></svg>', '<math><mi xlink:href=x>',
    '<iframe src=javascript:alert(1)>', '<iframe srcdoc="<b>">',
    '<object data=javascript:alert(1)>', '<embed src=javascript:alert(1)>',
    '<body onload=alert(1)>', '<details open ontoggle=alert(1)>',
    '<video><source onerror=alert(1)>', '<a href=javascript:alert(1)>x</a>',
    '<form action=javascript:alert(1)><input type=submit>',
    '<style>*{x:expression(alert(1))}</style>', '<link rel=stylesheet href=x>',
    '<meta http-equiv=refresh content=0;url=x>', '<base href=//evil.example/>',
    '<!--><script>alert(1)</script>-->', '--><script>alert(1)</script><!--',
    ']]><script>alert(1)</script>', '<![CDATA[<script>alert(1)</script>]]>',
    '<?xml version="1.0"?><script>alert(1)</script>',
    '</recs-slot><script>alert(1)</script>', '<recs-slot name="for_you">',
    '<template><script>alert(1)</script></template>', '{{title}}', '{{url}}',
    '<x/onclick=alert(1)>', '<x onclick=alert(1) x="', '&lt;script&gt;',
    '&quot; onclick=&quot;alert(1)', '&#x3c;script&#x3e;alert(1)',
    '\\u003cscript\\u003ealert(1)', '\\x3cscript\\x3e', '\\"-alert(1)-\\"',
    '\';alert(1)//', '${alert(1)}', '#{alert(1)}', '<%= 1 %>',
    'javascript:alert(1)', 'JaVaScRiPt:alert(1)', ' javascript:alert(1)',
    "java\tscript:alert(1)", 'javascript&colon;alert(1)',
    'javascript&#58;alert(1)', '&#106;avascript:alert(1)',
    'vbscript:msgbox(1)', 'data:text/html,<script>alert(1)</script>',
    'data:text/html;base64,PHNjcmlwdD4=', '//evil.example/x',
    'feed:javascript:alert(1)', 'view-source:javascript:alert(1)',
    "\xe2\x80\xa8alert(1)", "\xe2\x80\xa9alert(1)", "\xef\xbc\x9cscript>",
    "<scr\xe2\x80\x8bipt>", '+ADw-script+AD4-', '%3Cscript%3Ealert(1)',
    '%253Cscript%253E', '<script', '<', '>', '&', '"', '\'', '<a ', '</',
);

# The same as they might hide.
my @ways = (
    sub { $_[0] },
    sub { uc $_[0] },
    sub { "harmless $_[0] words" },
    sub { $_[0] =~ s/</<\//r },
);

my %once;
my @words = grep { !$once{$_}++ } map {
    my $way = $_; map { $way->($_) } @payloads
} @ways;

my $t = RecsNginx->new;
my $items = @words;
my %attributes = map {
    ("i$_" => { title => $words[$_ - 1], url => $words[$_ - 1],
                image => $words[$_ - 1], category => 'all' })
} 1 .. $items;

$t->publish($t->bundle('a', items => $items, users => 60,
                       attributes => \%attributes), 'shop');
$t->run('mkdir', '-p', $t->path('www'));

my %page = (
    plain    => '<recs-slot name="one"></recs-slot>',
    text     => '<recs-slot name="one"><template><p>{{title}}</p></template>'
                . '</recs-slot>',
    quoted   => '<recs-slot name="one"><template><p title="{{title}}" '
                . "lang='{{title}}'>x</p></template></recs-slot>",
    link     => '<recs-slot name="one"><template><a href="{{url}}">x</a>'
                . '</template></recs-slot>',
    query    => '<recs-slot name="one"><template><a href="/x?q={{title}}#'
                . '{{title}}">x</a></template></recs-slot>',
    image    => '<recs-slot name="one"><template><img src="{{image}}" alt="'
                . '{{title}}"></template></recs-slot>',
    mixed    => '<recs-slot name="one"><template><a href="{{url}}" '
                . 'title="{{title}}"><img src="{{image}}" alt="">{{title}}'
                . '</a></template></recs-slot>',
);

$t->write("www/$_.html", $page{$_}) for keys %page;

$t->conf(<<'END');
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot one { model shop; strategy similar; count 100; }

    server {
        listen 127.0.0.1:%%PORT%%;
        root %%DIR%%/www;

        location /recs/ { recs_api; }
        location / { recs_fill on; }
        location /slot { default_type text/html; return 200 "$recs_slot_one"; }
        location /json { return 200 "$recs_json_one"; }
        location /header {
            add_header X-Ids "$recs_ids_one";
            add_header X-Slot "$recs_slot_one";
            return 200 x;
        }
    }
}
END
$t->start;


# What a parser finds: "tag attribute attribute ..." by how often, the URLs.
sub parse {
    my ($html) = @_;

    my (%shapes, @urls, $other);
    my $parser = HTML::Parser->new(api_version => 3);

    $parser->handler(start => sub {
        my ($tag, $attributes) = @_;

        $shapes{join ' ', $tag, sort keys %$attributes}++;
        push @urls, grep { defined } @$attributes{qw(href src)};
    }, 'tagname, attr');
    $parser->handler($_ => sub { $other++ }, '')
        for qw(comment declaration process);

    $parser->parse($html);
    $parser->eof;

    $shapes{other} = $other if $other;

    return (\%shapes, \@urls);
}


# What a browser makes of the beginning of a URL.
sub harmless {
    my ($url) = @_;

    $url =~ s/^[\x00-\x20]+//;
    $url =~ s/[\t\r\n]//g;

    return $url !~ m{^[a-z][a-z0-9+.-]*:}i || $url =~ m{^https?:}i;
}


my %shape = (
    plain  => ['a href'],
    text   => ['p'],
    quoted => ['p lang title'],
    link   => ['a href'],
    query  => ['a href'],
    image  => ['img alt src'],
    mixed  => ['a href title', 'img alt src'],
    slot   => ['a href'],
);

# The words themselves would be seen.
my $seen = grep { keys %{ (parse("<p>$_</p>"))[0] } > 1 } @words;
cmp_ok($seen, '>=', 80, "the parser sees tags in $seen of the words");
cmp_ok(scalar grep({ !harmless($_) } @words), '>=', 10, 'and URLs of code');

my %shown;

for my $name (sort keys %shape) {
    my (%strange, %unsafe, $n);
    my $path = $page{$name} ? "/$name.html" : "/$name";

    # Each item's neighbours; together they are all.
    for my $i (1 .. $items) {
        next if $i % 9 && $shown{$name}{"i$i"};

        my $r = $t->get("$path?item=i$i");
        my ($shapes, $urls) = parse($r->{body});

        delete $shapes->{'recs-slot name'};
        delete @$shapes{@{ $shape{$name} }};
        $strange{$_}++ for keys %$shapes;
        $unsafe{$_}++ for grep { !harmless($_) } @$urls;
        $n += @$urls || 1;

        $r = $t->json("/recs/one?item=i$i&count=100");
        $shown{$name}{$_->{id}}++ for @{ $r->{json}{items} };
    }

    is(join("\n", keys %strange), '', "$name: no tag or attribute of theirs");
    is(join("\n", keys %unsafe), '', "$name: no URL that is code");
    cmp_ok(scalar keys %{ $shown{$name} }, '>=', 200, "$name: hundreds shown");
}

# JSON is JSON, safe inside a script, and says what was put in.
my %wrong;

for my $i (grep { $_ % 3 == 1 } 1 .. $items) {
    for my $path ("/recs/one?item=i$i&count=100", "/json?item=i$i") {
        my $r = $t->json($path);

        $wrong{"$path: no JSON"} = 1 unless $r->{json};
        $wrong{"$path: $&"} = 1
            if $r->{body} =~ m{</|<!--|\xe2\x80[\xa8\xa9]};

        for my $item (@{ $r->{json}{items} // [] }) {
            my $title = $item->{title};
            utf8::encode($title);
            my ($n) = $item->{id} =~ /(\d+)/;
            $wrong{"$path: $title"} = 1 if $title ne $words[$n - 1];
        }
    }

    my $r = $t->get("/header?item=i$i");
    $wrong{"header of i$i"} = 1
        if $r->{status} != 200 || $r->{body} ne 'x'
           || $r->{head} =~ /\n(?!HTTP|Server:|Date:|Content-|Connection:|X-|\r?\n|\r?$)/;
}

is(join("\n", sort keys %wrong), '', "JSON and headers of $items items");

$t->done;
