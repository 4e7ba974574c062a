#!/usr/bin/perl

# Questions in words: docs/questions.md command by command as printed, but for
# places, the module against the command, and what a configuration refuses.

use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;
my $root = "$FindBin::Bin/..";
my $docs = $t->read("$root/docs/questions.md");
my @commands = $docs =~ /^    ((?:head|recs|mkdir|nginx|curl) .*)$/mg;


# --- as printed, as far as nginx -------------------------------------------

my %said;

chdir $root or die;

for my $command (grep { /^(?:head|recs)/ && !/publish/ } @commands) {
    my $run = $command =~ s/^recs /$t->{recs} /r;

    $run =~ s{(\s)(help\.\w+)}{$1 . $t->path($2)}ge;
    $said{$command} = `{ $run; } 2>&1`;
    is($?, 0, $command) or diag($said{$command});
}

my ($first) = $docs =~ /each first: (.*?)\. /;
my @first = $first =~ /`([\w-]+)`/g;
my @asked = grep { /--query/ && !/--user/ } @commands;

is(scalar @asked, 4, 'in four languages');

for my $i (0 .. $#asked) {
    like($said{$asked[$i]}, qr/\Aquery\n +1 +query +\S+ +$first[$i] /,
         "$first[$i] comes first");
}

my ($mine) = grep { /--user/ } @commands;
my $others = $t->recs('recommend', $t->path('help.mdb'), '--query', 'cancel',
                      '-k', 3);
isnt($said{$mine}, $others, 'whose question it is matters');


# --- nginx answers as the command does -------------------------------------

my ($slot) = $docs =~ /^    (recs_slot .*)$/m;
my $example = $t->read("$root/examples/help.conf");

like($example, qr/^    \Q$slot\E$/m, 'the slot is the example\'s');

my ($page) = $example =~ /(location \/help .*?\n        \}\n)/s;

$t->publish($t->path('help.mdb'), 'help');

my $without = $t->bundle('plain');

my $conf = <<"END";
http {
    %%HTTP%%

    recs_model help %%DIR%%/help;
    recs_model plain $without;
    recs_user \$arg_u;
    recs_consent \$arg_c;

    $slot
    recs_slot mine { model help; query \$arg_q weight=0.5; count 5; }
    recs_slot few { model help; query \$arg_q; where 'language = \$arg_l'; }
    recs_slot header { model help; query \$http_x_question; count 2; }
    recs_slot other { model help; count 2; }

    server {
        listen 127.0.0.1:%%PORT%%;
        location /recs/ { recs_api; recs_bypass \$arg_b; }
        $page
    }
}
END

$t->conf($conf);
$t->start;


sub encoded { return encode_utf8($_[0]) =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ger }

sub served {
    my ($slot, $question, $more) = @_;

    return $t->json("/recs/$slot?c=2&q=" . encoded($question)
                    . ($more // ''))->{json} // {};
}

sub offline {
    return JSON::PP::decode_json($t->recs('recommend', $t->path('help.mdb'),
                                          '--json', @_));
}

sub list {
    my ($answer) = @_;
    return join ' ', $answer->{source}, $answer->{reason} // '-',
        map { "$_->{id}=$_->{score}" } @{ $answer->{items} };
}

my @questions = ('I forgot my passwords', 'Wo finde ich meine Rechnungen?',
                 'Karte abgelehnt', '怎么退款', '请问如何下载发票',
                 '荷物はいつ届きますか', 'パスワード', 'xyzzy', ' ?!',
                 "p\x{e4}ckchen \x{fdfa} 100%");

for my $question (@questions) {
    my $bytes = encode_utf8($question);
    my @query = ('--query', $bytes);

    is(list(served('answers', $question)), list(offline(@query, '-k', 3)),
       "as the command: $bytes");
    is(list(served('mine', $question, '&u=reader5')),
       list(offline(@query, '-k', 5, '--user', 'reader5', '--query-weight',
                    0.5)),
       "with a profile: $bytes");
}

is(list(served('few', 'delivery Lieferung', '&l=de')),
   list(offline('--query', 'delivery Lieferung', '-k', 10, '--where',
                'language = de')), 'with a predicate');

my $some = served('answers', 'xyzzy');
is("$some->{source} $some->{reason}", 'popular unknown_query', 'no word of it');
$some = served('answers', '');
is("$some->{source} $some->{reason}", 'popular no_query', 'nothing asked');
$some = served('mine', '', '&u=reader5');
is("$some->{source} $some->{reason}", 'personal no_query', 'the strategy\'s');
$some = served('answers', 'password', '&b=1');
is("$some->{source} $some->{reason}", 'popular bypassed', 'a bot');
$some = served('other', 'password');
is($some->{source}, 'popular', 'a slot that asks nothing');

# Consent is for the profile, not for the question.
my $cold = $t->json('/recs/mine?c=0&u=reader5&q=cancel')->{json};
is(list($cold), list(offline('--query', 'cancel', '-k', 5)), 'no consent');
isnt(list($cold), list(served('mine', 'cancel', '&u=reader5')), 'consent');


# --- encodings -------------------------------------------------------------

my $plain = list(offline('--query', 'forgot password', '-k', 3));

for my $q ('forgot+password', 'forgot%20password', '%66orgot+%70assword%3f') {
    is(list($t->json("/recs/answers?q=$q")->{json}), $plain, $q);
}

is($t->json('/recs/header', 'X-Question' => 'password 100% %zz')
     ->{json}{items}[0]{id}, 'password-en', 'what is not encoded');

# Long ones, cut in the middle of a byte; not UTF-8; a zero byte.
for my $q ('password+' . '%E5' x 1100, 'a' x 3000 . '+password',
           'password+%FF%C0%AF%00%ED%A0%80', '%F0%9F%98%80password')
{
    is($t->json("/recs/answers?q=$q")->{status}, 200, 'hostile');
}

is(list(served('answers', 'x ' x 500 . 'password' . ' y' x 900)),
   list(offline('--query', 'x ' x 500 . 'password', '-k', 3)),
   'the first bytes of a long one');

my $got = $t->get('/help?q=I+forgot+my+passwords')->{body};
like($got, qr{<p><a href="/help/en/password">Reset your password</a></p>},
     'in a page');

for my $curl (grep { /^curl/ } @commands) {
    my ($path) = $curl =~ m{:8083(/[^']*)'};
    my $body = $t->get($path)->{body};

    like($body, $path =~ /Rechnungen/ ? qr/"id":"invoice-de"/
                                      : qr/Reset your password/, $curl);
}


# --- what is refused -------------------------------------------------------

sub refused {
    my ($in, $pattern) = @_;

    $t->conf($conf =~ s/recs_slot other .*/recs_slot other { $in }/r);
    my ($status, $output) = $t->test;

    isnt($status, 0, "$in is refused");
    like($output, $pattern, 'it says why');
    $t->expect($pattern);
}

refused('model plain; query $arg_q;',
        qr/"query" of model "plain": the model knows no words/);
refused('model help; query $arg_q weight=1.5;',
        qr/invalid parameter "weight=1.5" in "query"/);
refused('model help; query $arg_q light=1;', qr/invalid parameter "light=1"/);
refused('model help; query;', qr/invalid number of arguments in "query"/);
refused('model help; query $arg_q; query $arg_p;',
        qr/"query" directive is duplicate/);

my ($status, $output) = $t->run($t->{recs}, 'recommend', $without, '--query',
                                'x');
is($status, 1, 'the command refuses, too');
like($output, qr/knows no words/, 'and says why');

($status, $output) = $t->run($t->{recs}, 'recommend', $t->path('help.mdb'),
                             '--query', 'x', '--query-weight', 2);
is($status, 2, 'a weight of 2');
like($output, qr/--query-weight wants a number between 0 and 1/, 'is none');


# --- vectors that were given -----------------------------------------------

$t->recs('export', $t->path('help.mdb'), '-o', $t->path('exported'));

my @given = ('--vectors', $t->path('exported/items.npy'), '--vector-ids',
             $t->path('exported/item_ids.txt'));
my @train = ('train', '--data', $t->path('help.data'), '-o',
             $t->path('given.mdb'), '--quiet', '--json');

my $summary = JSON::PP::decode_json($t->recs(@train, '--model', 'content',
    @given, '--set', 'factors=20', '--set', 'vector_factors=10'));
is($summary->{factors}, 30, 'said and given');
is($summary->{notes}{content_vectors}, 48, 'to each article');

for my $case ([['--model', 'content', @given[0, 1]], 2, qr/belong together/],
              [['--model', 'knn', @given], 2, qr/for --model content/],
              [['--model', 'content', @given[0 .. 2], "$root/README.md"], 1,
               qr/README\.md/],
              [['--model', 'content', @given[0 .. 2],
                $t->write('one', "password-en\n")], 1, qr/has 1 ids/])
{
    my ($arguments, $expected, $pattern) = @$case;

    ($status, $output) = $t->run($t->{recs}, @train, @$arguments);
    is($status, $expected, "refused: $pattern");
    like($output, $pattern, 'it says why');
}

$t->done;
