# Exposures: what a response has really shown, for the access log and as
# events, and what has shown nothing.

use strict;
use warnings;

use FindBin;
use JSON::PP qw(decode_json);
use MIME::Base64 qw(decode_base64url);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;
use RecsOrigin;

my $t = RecsNginx->new;
my $origin = RecsOrigin->new($t);

my $generation = $t->publish($t->bundle('a'), 'shop');

# Ids that JSON must escape, or may not.
$t->write('odd.csv', "user,item\n"
          . join('', map { "u$_," . qq{"a""b\\c"\n} . "u$_,<\xc3\xa9>\n" }
                     1 .. 9) . "u1,plain\n");
$t->recs('import', '--format', 'csv', '-o', $t->path('odd.data'),
         $t->path('odd.csv'));
$t->recs('train', '--model', 'popularity', '--data', $t->path('odd.data'),
         '-o', $t->path('odd.mdb'));
chmod 0644, $t->path('odd.mdb') or die;

# Six items that were met, two that were not.
$t->write('new.csv', "user,item\n" . join '', map {
    my $user = $_;
    map { "u$user,i$_\n" } grep { $_ % 2 == $user % 2 || $_ < 2 } 0 .. 5;
} 1 .. 20);
$t->write('new.items.csv', "id\n" . join '', map { "i$_\n" } 0 .. 7);
$t->recs('import', '--format', 'csv', '--items', $t->path('new.items.csv'),
         '-o', $t->path('new.data'), $t->path('new.csv'));
$t->recs('train', '--model', 'popularity', '--data', $t->path('new.data'),
         '-o', $t->path('new.mdb'));
chmod 0644, $t->path('new.mdb') or die;

$t->write('keys', '3 ' . '00ff' x 16);
chmod 0600, $t->path('keys') or die;

$t->conf(<<'END');
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_model odd %%DIR%%/odd.mdb;
    recs_model new %%DIR%%/new.mdb;

    recs_slot best { model shop; strategy popular; count 5; }
    recs_slot for_you { model shop; count 4; }
    recs_slot often { model new; strategy popular; count 4; explore 50%; }
    recs_slot odd { model odd; strategy popular; count 3; }

    recs_user $arg_user;
    recs_consent $asked;
    recs_bypass $arg_bot;
    recs_token_key keys;
    recs_event_log %%DIR%%/events flush=50ms;

    map $arg_consent $asked { "" 2; default $arg_consent; }

    log_format shown escape=none '$request_uri $status $recs_exposures';
    proxy_http_version 1.1;

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/shown.log shown;
        root %%DIR%%/www;
        recs_fill on;

        location / { proxy_pass http://127.0.0.1:%%PORT_origin%%/; }

        location /unbuffered/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            proxy_buffering off;
        }

        location /gzip/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            gzip on;
            gzip_min_length 0;
            gzip_proxied any;
        }

        location /static/ {
            alias %%DIR%%/www/;
            sendfile on;
        }

        location /plain/ {
            recs_fill off;
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
        }

        location /early/ {
            add_header X-Shown "<$recs_exposures>";
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
        }

        location /unlogged/ {
            recs_event_log off;
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
        }

        location /ssi/ {
            ssi on;
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
        }

        location /variable {
            default_type text/html;
            add_header X-Ids $recs_ids_for_you;
            return 200 "$recs_slot_best$recs_json_odd";
        }

        location /guarded/ {
            auth_request /recs/best;
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
        }

        location /mirrored/ {
            mirror /recs/best;
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
        }

        location /missing {
            error_page 404 =200 /both;
            proxy_intercept_errors on;
            proxy_pass http://127.0.0.1:%%PORT_origin%%;
        }

        location /recs/ { recs_api; }
    }
}
END

mkdir $t->path('www') or die;

my $best3 = '<recs-slot name="best" count="3"></recs-slot>';
my $for_you = '<recs-slot name="for_you"><template>{{id}},</template>'
            . '</recs-slot>';

$origin->page('/both', body => "<p>$best3$for_you");
$origin->page('/twice', body => '<recs-slot name="best" count="2"></recs-slot>'
              . "$best3<recs-slot name=\"best\" count=\"1\"></recs-slot>");
$origin->page('/none', body => '<recs-slot name="stranger">x</recs-slot>'
              . '<recs-slot name="for_you" count="0">x</recs-slot>'
              . '<recs-slot name="for_you"><template><p onclick="{{id}}">'
              . '</template></recs-slot><recs-slot name="best">');
$origin->page('/odd', body => '<recs-slot name="odd"></recs-slot>');
$origin->page('/moved', status => 301, body => $best3);
$origin->page('/include', body => $best3
              . '<!--# include virtual="/recs/for_you?count=2" -->');
$origin->page('/set', body => '<!--# include virtual="/recs/for_you" '
              . 'set="x" wait="yes" -->');

$t->start;

my $n = 0;
my $seen = 0;


# The events since it was called last.  A request that surely shows something
# marks their end.
sub events {
    $n++;
    $t->get("/recs/best?user=mark$n");

    my @events;
    $t->wait_for("the mark $n", sub {
        @events = map { decode_json($_) } $t->read('events.0') =~ /(.*)\n/g;
        return @events && ($events[-1]{user} // '') eq "mark$n";
    });

    splice @events, 0, $seen;
    $seen += @events;
    pop @events;

    return \@events;
}


# The value of $recs_exposures in the line of the request with that query.
sub logged {
    my ($query) = @_;

    my $line;
    $t->wait_for("a line of $query", sub {
        ($line) = $t->read('shown.log') =~ /^(\S+\Q$query\E \d+ .*)\n/m;
    });

    my ($shown) = $line =~ / \d+ (.*)/;
    return $shown eq '' ? [] : decode_json($shown);
}


# What a request has shown: by $recs_exposures, and as events.
sub shown {
    my ($path, %options) = @_;

    my $query = 'n=' . $n++ . '.';
    $path .= ($path =~ /\?/ ? '&' : '?') . $query;

    my $response = $options{request}
        ? $options{request}->($path)
        : $t->request($options{method} // 'GET', $path,
                      @{ $options{headers} // [] });

    return (logged($query), events(), $response);
}


sub items {
    my ($answer, $count) = @_;

    my @ids = map { $_->{id} } @{ $answer->{items} };

    return [ map { { id => $ids[$_], rank => $_ + 1, propensity => 1 } }
             0 .. ($count // @ids) - 1 ];
}


sub shows {
    my ($name, $path, $expected, %options) = @_;

    my ($variable, $events, $response) = shown($path, %options);

    is_deeply($variable, $expected, "$name: \$recs_exposures");
    is_deeply([ map { my $e = $_;
                      +{ map { $_ => $e->{$_} } qw(slot generation items) } }
                @$events ],
              $options{events} // $expected, "$name: events");
    is(grep({ $_->{event} ne 'exposure' || exists $_->{item} } @$events), 0,
       "$name: exposures all");

    return ($events, $response);
}


sub answer { return decode_json($t->get("/recs/$_[0]")->{body}) }

my $best = answer('best');
my $odd = answer('odd');

events();


sub exposure {
    my ($slot, $answer, $count) = @_;

    return { slot => $slot, generation => $answer->{generation},
             items => items($answer, $count) };
}


# --- what is shown ------------------------------------------------------------

{
    my ($events, $r) = shows('an answer', '/recs/best?user=u1',
                             [ exposure('best', $best) ]);
    is($events->[0]{user}, 'u1', 'with the visitor');
    is($events->[0]{generation}, $generation, 'and the generation');
    is($r->{status}, 200, 'answered');

    my @ids = map { $_->{id} } @{ $best->{items} };
    shows('a question', "/recs/best?count=2&exclude=$ids[0]",
          [ exposure('best', { %$best, items => [ { id => $ids[1] },
                                                  { id => $ids[2] } ] }) ]);
}

{
    my ($variable, $events, $r) = shown('/both?user=u2');
    my ($list) = $r->{body} =~ /<\/template>|>((?:i\d+,)+)</;
    my @ids = map { { id => $_ } } split /,/, $list;

    is(@ids, 4, 'four items in the page');
    is_deeply($variable,
              [ exposure('best', $best, 3),
                exposure('for_you', { %$best, items => \@ids }) ],
              'a page: what its elements show');
    is(@$events, 2, 'an event each');
    is($events->[1]{slot}, 'for_you', 'in their order');
    is_deeply($events->[1]{items}, $variable->[1]{items}, 'the same items');
    is($events->[1]{seq}, $events->[0]{seq} + 1, 'without a gap');
}

shows('a slot that stands three times', '/twice',
      [ exposure('best', $best, 3) ]);
shows('compressed', '/gzip/twice', [ exposure('best', $best, 3) ],
      headers => [ 'Accept-Encoding' => 'gzip' ]);
shows('a range that is not obeyed', '/twice', [ exposure('best', $best, 3) ],
      headers => [ Range => 'bytes=0-9' ]);
$t->write('www/page.html', "<p>$best3" . 'x' x 9000
                             . '<recs-slot name="odd"></recs-slot>');
shows("a file, time $_", '/static/page.html',
      [ exposure('best', $best, 3), exposure('odd', $odd) ]) for 1, 2;

shows('ids with quotes', '/odd', [ exposure('odd', $odd) ]);

is_deeply([ sort map { $_->{id} } @{ $odd->{items} } ],
          [ "<\x{e9}>", 'a"b\\c', 'plain' ],
          'which they are');

{
    my ($variable, $events) = shown('/missing?user=u3');
    is(@$variable, 2, 'a page that error_page led to');
    is(@$events, 2, 'and its events');
}

{
    my ($variable, $events, $r) = shown('/ssi/include?user=u4');
    like($r->{body}, qr/\{"slot":"for_you",/, 'an answer, included by SSI');
    is_deeply([ map { $_->{slot} } @$variable ], [ 'best', 'for_you' ],
              'is shown with the page');
    is(@{ $variable->[1]{items} }, 2, 'as long as it is');
}

{
    my (undef, $r) = shows('a variable that was read before', '/early/twice',
                           [ exposure('best', $best, 3) ]);
    is($r->{headers}{'x-shown'}, '<>', 'nothing had been shown then');
}

shows('recs_event_log off', '/unlogged/twice', [ exposure('best', $best, 3) ],
      events => []);

# What is left to chance is told as that: here, in events and in tokens.
{
    my %seen;

    for (1 .. 40) {
        my ($variable, $events, $r) = shown('/recs/often');
        my $items = decode_json($r->{body})->{items};

        for my $i (0 .. 3) {
            my $new = $items->[$i]{source} eq 'explore';
            my $p = $i == 0 ? 1 : $new ? .5 / 3 / 2 : 1 - .5 / 3;

            $seen{ $new ? 'new' : 'known' }++;

            my $token = unpack 'x23 f>', decode_base64url(
                            $items->[$i]{token});
            my @told = (map({ $_->[0]{items}[$i]{propensity} } $variable,
                            $events), $token);

            $seen{wrong}++ for grep { abs($_ - $p) > 1e-6 } @told;
            $seen{differ}++ if $told[0] != $told[1];
        }
    }

    cmp_ok($seen{new}, '>', 0, 'something was tried out');
    ok(!$seen{wrong}, 'and told with its propensity');
    ok(!$seen{differ}, 'the same in the log as in the event');
}


# --- what is not --------------------------------------------------------------

shows('HEAD of an answer', '/recs/best', [], method => 'HEAD');
shows('HEAD of a page', '/twice', [], method => 'HEAD');
shows('POST to recs_api', '/recs/best', [], method => 'POST');
shows('no such slot', '/recs/stranger', []);
shows('a wrong question', '/recs/best?count=0', []);
shows('an empty answer', '/recs/odd?exclude='
      . join(',', map { s/([^a-z])/sprintf '%%%02X', ord $1/ger }
                  map { my $id = $_->{id}; utf8::encode($id); $id }
                  @{ $odd->{items} }), []);
shows('elements that are not filled', '/none', []);
shows('no page to fill', '/plain/twice', []);
shows('a redirect', '/moved', []);
shows('variables', '/variable', []);
shows('auth_request', '/guarded/none', []);
shows('mirror', '/mirrored/none', []);
shows('an include that is kept in a variable', '/ssi/set', []);

{
    # The client leaves before the element comes.
    $origin->page('/slow', chunks => [ "<p>$for_you", { wait => 'later' },
                                       $best3 ]);

    my ($variable, $events) = shown('/unbuffered/slow', request => sub {
        my ($path) = @_;

        my $socket = $t->socket;
        $socket->syswrite("GET $path HTTP/1.1\r\nHost: a\r\n\r\n");

        my $got = '';
        $t->wait_for('the first element', sub {
            $socket->sysread($got, 4096, length $got);
            return $got =~ /<\/recs-slot>/;
        });

        close $socket;
    });

    is_deeply([ map { $_->{slot} } @$variable ], ['for_you'],
              'a page that was left: what had come');
    is(@$events, 1, 'and its event');
    $origin->open_gate('later');
}


# --- who ----------------------------------------------------------------------

for my $consent (0, 1) {
    my ($variable, $events) = shown("/twice?user=u5&consent=$consent");

    is_deeply($variable, [ exposure('best', $best, 3) ],
              "consent $consent: shown");
    is($events->[0]{user}, $consent ? 'u5' : undef,
       "consent $consent: by whom");
}

shows('a bot', '/twice?bot=1', [ exposure('best', $best, 3) ], events => []);

unlike($t->read('shown.log'), qr/u5(?!&consent)/, 'no id in the variable');


# --- exposures are no interest ------------------------------------------------

{
    my ($status, $output) = $t->run($t->{recs}, 'import', '--format', 'events',
                                    '-o', $t->path('events.data'),
                                    $t->path('events.0'));
    isnt($status, 0, 'nothing to train on');
    unlike($output, qr/malformed|rejected +[1-9]/, 'every line is an event')
        or diag($output);
}

$t->stop;
$origin->stop;
$t->done;
